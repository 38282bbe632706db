# The first programs, built as the page says, and run.
cp "$AT9068_ROOT"/bindings-c/examples/quickstart.c "$AT9068_ROOT"/bindings-c/examples/quickstart.cpp .
# <<< build >>>
./quickstart | grep -q '"sub":"auth0|123456"'
./quickstart-cpp | grep -q '"sub":"auth0|123456"'
