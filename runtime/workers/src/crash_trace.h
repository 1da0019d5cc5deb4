#pragma once

namespace seabag::workers {

/// From now on, when this process ends by SIGABRT, SIGSEGV, SIGBUS, SIGILL or SIGFPE, it writes its
/// stack to standard error first: one line a frame, innermost first, as addresses that `addr2line`
/// understands with the executable. Signals that somebody handles already are left to them.
void trace_crashes();

}  // namespace seabag::workers
