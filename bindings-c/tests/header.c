/* The headers compile by themselves, and what is in them is what was promised. */
#ifdef __cplusplus
#include <at9068.hpp>
#define PROMISE static_assert
#else
#include <at9068.h>
#define PROMISE _Static_assert
#endif

PROMISE(AT9068_CODE_OK == 0, "success is 0");
PROMISE(AT9068_CODE_AUDIENCE_MISMATCH == 604, "numbers never change");
PROMISE(AT9068_CODE_INTERNAL == 901, "numbers never change");
PROMISE(sizeof(at9068_code) == 4, "codes have 32 bits");
PROMISE(sizeof(at9068_str) == 2 * sizeof(void *), "a text is a pointer and a length");
PROMISE(sizeof(at9068_bytes) == 2 * sizeof(void *), "octets are a pointer and a length");
PROMISE(offsetof(at9068_handles, size) == 0 && offsetof(at9068_ports, size) == 0, "structs begin with their size");
PROMISE(offsetof(at9068_ports, fetch) == sizeof(size_t) + sizeof(at9068_clock), "what was there before stays where it was");
PROMISE(AT9068_FETCH_OK == 0 && AT9068_FETCH_BROKEN == 7, "numbers never change");
PROMISE(offsetof(at9068_key_options, size) == 0, "structs begin with their size");
PROMISE(offsetof(at9068_validate_options, size) == 0, "structs begin with their size");
