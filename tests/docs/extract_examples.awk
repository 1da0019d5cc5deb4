# Turns the C++ examples of a document into a source file: includes stand at file scope, and so does
# an example that declares namespaces or names; each other one stands in a function of its own.
function finish() {
  printf "%s", includes
  if (is_top) {
    printf "#line %d \"%s\"\n%s", line, FILENAME, text
  } else {
    printf "Result<void> example_%d(vfs::Namespace& files);\n", line
    printf "Result<void> example_%d([[maybe_unused]] vfs::Namespace& files) {\n", line
    printf "#line %d \"%s\"\n%s  return {};\n}\n", line, FILENAME, text
  }
  count++
}
/^```cpp$/ { inside = 1; includes = ""; text = ""; is_top = 0; line = FNR + 1; next }
/^```$/ && inside { inside = 0; finish() }
inside && /^#include/ { includes = includes $0 "\n"; text = text "\n"; next }
inside {
  text = text $0 "\n"
  if ($0 ~ /^(namespace|using) /) is_top = 1
}
END { if (count == 0) { print "#error no examples were found" } }
