/*
 * Takes the top-level members of a line of JSON apart without rewriting them, and puts answers
 * together. It trusts that a line is JSON, as the runner's are; what is none has no members.
 */
#ifndef JSONLINE_H
#define JSONLINE_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A part of somebody else's text; `ptr` is NULL where there is none. */
typedef struct {
    const char *ptr;
    size_t len;
} jsonline_slice;

/* A text that grows. All zero is the empty one. */
typedef struct {
    char *ptr;
    size_t len;
    size_t room;
} jsonline_text;

/* The raw value of a member of the object that the line is; none where it is absent or null. */
jsonline_slice jsonline_member(jsonline_slice line, const char *name);

/* The raw values of an array, one after the other: takes the first of `rest` off it. */
bool jsonline_next(jsonline_slice *rest, jsonline_slice *element);

/* The number that a raw value is. */
bool jsonline_number(jsonline_slice value, double *out);

/* Appends the text that a raw string stands for. A surrogate without its other half becomes the
 * three octets that it would have in UTF-8, which are none. */
void jsonline_put_decoded(jsonline_text *text, jsonline_slice string);

/* Appends the octets that a raw string gives in base64, standard alphabet. */
void jsonline_put_base64(jsonline_text *text, jsonline_slice string);

/* Appends as it is. */
void jsonline_put(jsonline_text *text, const char *ptr, size_t len);

/* Appends as it is, up to the NUL. */
void jsonline_puts(jsonline_text *text, const char *raw);

/* Appends as a JSON string, with the fewest escapes; null where `ptr` is NULL. */
void jsonline_put_string(jsonline_text *text, const char *ptr, size_t len);

/* Appends text in which JSON may have line breaks between its members: as spaces, since they would
 * end the answer. */
void jsonline_put_one_line(jsonline_text *text, const char *ptr, size_t len);

/* Appends octets as a JSON string in base64, standard alphabet. */
void jsonline_put_octets(jsonline_text *text, const unsigned char *ptr, size_t len);

/* Forgets the text and keeps its room. */
void jsonline_clear(jsonline_text *text);

/* Gives the room back. */
void jsonline_free(jsonline_text *text);

#ifdef __cplusplus
}
#endif

#endif
