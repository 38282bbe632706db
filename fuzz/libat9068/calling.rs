//! How a function is called that may fail.

/// Calls what makes a handle, looks at what came of it, and keeps it.
macro_rules! make {
    ($world:ident, $($kind:ident).+, $mode:ident, $place:ident, |$out:ident, $error:ident| $call:expr) => {{
        // What is there before is nobody's, and must be overwritten.
        let (mut made, mut fault) = (ptr::dangling_mut(), ptr::dangling_mut());
        let $out = if $mode & 1 == 0 { &raw mut made } else { ptr::null_mut() };
        let $error = if $mode & 2 == 0 { &raw mut fault } else { ptr::null_mut() };
        // SAFETY: handles live, texts are as long as they say, and outputs can be written to or are NULL.
        let code = unsafe { $call };
        let made = if $out.is_null() { ptr::null_mut() } else { made };
        if code != AT9068_CODE_OK {
            assert!(made.is_null(), "a handle beside an error");
        }
        if $out.is_null() {
            assert_eq!(code, AT9068_CODE_ARGUMENT_INVALID);
        }
        $world.$($kind).+.put($place, made);
        if !$error.is_null() {
            $world.failed(code, fault, $place);
        }
        code
    }};
}
