/// Nothing but the source that CMake wants for a target that compiles a header.
