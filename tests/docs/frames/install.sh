# Programs that are built as the README says, and run.
cat > program.c <<'END'
#include <at9068.h>
#include <stddef.h>
int main(void) { at9068_error_free(NULL); return at9068_error_code(NULL) != AT9068_CODE_OK; }
END
cat > program.cpp <<'END'
#include <at9068.hpp>
int main() { return at9068::signing_key::generate("ES256").algorithm() != "ES256"; }
END
check() { ./a.out && rm a.out; }
cc() { command cc "$@" && command test -f a.out && check; }
c++() { command c++ "$@" && check; }
# <<< compile >>>
