#include "jsonline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const jsonline_slice none = {NULL, 0};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *skip_space(const char *at, const char *end)
{
    while (at < end && is_space(*at)) {
        ++at;
    }
    return at;
}

/* Behind the string that begins at `at`. */
static const char *skip_string(const char *at, const char *end)
{
    for (++at; at < end && *at != '"'; ++at) {
        if (*at == '\\') {
            ++at;
        }
    }
    return at < end ? at + 1 : end;
}

/* Behind the value that begins at `at`. */
static const char *skip_value(const char *at, const char *end)
{
    size_t depth = 0;
    while (at < end) {
        if (*at == '"') {
            at = skip_string(at, end);
        } else if (*at == '{' || *at == '[') {
            ++depth;
            ++at;
        } else if (*at == '}' || *at == ']') {
            if (depth == 0) {
                return at;
            }
            --depth;
            ++at;
        } else if (depth == 0 && (*at == ',' || is_space(*at))) {
            return at;
        } else {
            ++at;
            continue; /* inside of a number or a literal, or between the members of a container */
        }
        if (depth == 0) {
            return at;
        }
    }
    return end;
}

jsonline_slice jsonline_member(jsonline_slice line, const char *name)
{
    const size_t name_len = strlen(name);
    const char *end = line.ptr + line.len;
    const char *at = skip_space(line.ptr, end);
    if (at == end || *at != '{') {
        return none;
    }
    for (at = skip_space(at + 1, end); at < end && *at == '"'; at = skip_space(at, end)) {
        const char *key = at + 1;
        at = skip_string(at, end);
        const size_t key_len = (size_t)(at - key) - 1;
        at = skip_space(at, end);
        if (at == end || *at != ':') {
            return none;
        }
        const char *value = skip_space(at + 1, end);
        at = skip_value(value, end);
        if (key_len == name_len && memcmp(key, name, name_len) == 0) {
            const jsonline_slice found = {value, (size_t)(at - value)};
            return found.len == 4 && memcmp(value, "null", 4) == 0 ? none : found;
        }
        at = skip_space(at, end);
        if (at < end && *at == ',') {
            at = skip_space(at + 1, end);
        }
    }
    return none;
}

bool jsonline_next(jsonline_slice *rest, jsonline_slice *element)
{
    const char *end = rest->ptr + rest->len;
    const char *at = skip_space(rest->ptr, end);
    if (at == end || (*at != '[' && *at != ',')) {
        return false;
    }
    at = skip_space(at + 1, end);
    if (at == end || *at == ']') {
        return false;
    }
    element->ptr = at;
    at = skip_value(at, end);
    element->len = (size_t)(at - element->ptr);
    rest->ptr = at;
    rest->len = (size_t)(end - at);
    return true;
}

bool jsonline_number(jsonline_slice value, double *out)
{
    char digits[512];
    if (value.ptr == NULL || value.len >= sizeof digits) {
        return false;
    }
    memcpy(digits, value.ptr, value.len);
    digits[value.len] = '\0';
    char *end = NULL;
    *out = strtod(digits, &end);
    return end == digits + value.len && end != digits;
}

void jsonline_put(jsonline_text *text, const char *ptr, size_t len)
{
    if (text->room - text->len < len || text->ptr == NULL) {
        const size_t room = (text->len + len) * 2 + 64;
        char *grown = (char *)realloc(text->ptr, room);
        if (grown == NULL) {
            fputs("out of memory\n", stderr);
            exit(2);
        }
        text->ptr = grown;
        text->room = room;
    }
    if (len > 0) {
        memcpy(text->ptr + text->len, ptr, len);
        text->len += len;
    }
}

void jsonline_puts(jsonline_text *text, const char *raw)
{
    jsonline_put(text, raw, strlen(raw));
}

static void put_octet(jsonline_text *text, unsigned octet)
{
    const char c = (char)octet;
    jsonline_put(text, &c, 1);
}

static void put_utf8(jsonline_text *text, unsigned code)
{
    if (code < 0x80) {
        put_octet(text, code);
    } else if (code < 0x800) {
        put_octet(text, 0xc0 | code >> 6);
        put_octet(text, 0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        put_octet(text, 0xe0 | code >> 12);
        put_octet(text, 0x80 | (code >> 6 & 0x3f));
        put_octet(text, 0x80 | (code & 0x3f));
    } else {
        put_octet(text, 0xf0 | code >> 18);
        put_octet(text, 0x80 | (code >> 12 & 0x3f));
        put_octet(text, 0x80 | (code >> 6 & 0x3f));
        put_octet(text, 0x80 | (code & 0x3f));
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The unit of the escape \uXXXX that begins at `at`, or -1 where there is none. */
static long escaped_unit(const char *at, const char *end)
{
    if (end - at < 6 || at[0] != '\\' || at[1] != 'u') {
        return -1;
    }
    long unit = 0;
    for (int i = 2; i < 6; ++i) {
        const int digit = hex_digit(at[i]);
        if (digit < 0) {
            return -1;
        }
        unit = unit * 16 + digit;
    }
    return unit;
}

/* What stands between the quotes of a raw string. */
static jsonline_slice inside(jsonline_slice string)
{
    if (string.ptr == NULL || string.len < 2 || string.ptr[0] != '"') {
        return none;
    }
    const jsonline_slice found = {string.ptr + 1, string.len - 2};
    return found;
}

void jsonline_put_decoded(jsonline_text *text, jsonline_slice string)
{
    const jsonline_slice body = inside(string);
    if (body.ptr == NULL) {
        return;
    }
    const char *end = body.ptr + body.len;
    for (const char *at = body.ptr; at < end;) {
        if (*at != '\\' || at + 1 == end) {
            jsonline_put(text, at++, 1);
            continue;
        }
        long unit = escaped_unit(at, end);
        if (unit >= 0) {
            at += 6;
            if (unit >= 0xd800 && unit < 0xdc00) {
                const long low = escaped_unit(at, end);
                if (low >= 0xdc00 && low < 0xe000) {
                    unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                    at += 6;
                }
            }
            put_utf8(text, (unsigned)unit);
            continue;
        }
        static const char letters[] = "bfnrt";
        static const char meanings[] = "\b\f\n\r\t";
        const char *letter = (const char *)memchr(letters, at[1], sizeof letters - 1);
        jsonline_put(text, letter == NULL ? at + 1 : meanings + (letter - letters), 1);
        at += 2;
    }
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void jsonline_put_base64(jsonline_text *text, jsonline_slice string)
{
    const jsonline_slice body = inside(string);
    unsigned long bits = 0;
    unsigned count = 0;
    for (size_t i = 0; i < body.len; ++i) {
        const char *found = (const char *)memchr(alphabet, body.ptr[i], sizeof alphabet - 1);
        if (found == NULL) {
            return; /* padding */
        }
        bits = (bits << 6 | (unsigned long)(found - alphabet)) & 0xffffff;
        count += 6;
        if (count >= 8) {
            count -= 8;
            put_octet(text, (unsigned)(bits >> count) & 0xff);
        }
    }
}

void jsonline_put_string(jsonline_text *text, const char *ptr, size_t len)
{
    if (ptr == NULL) {
        jsonline_puts(text, "null");
        return;
    }
    jsonline_puts(text, "\"");
    for (size_t i = 0; i < len; ++i) {
        const unsigned char octet = (unsigned char)ptr[i];
        char escape[8];
        switch (octet) {
        case '"': jsonline_puts(text, "\\\""); break;
        case '\\': jsonline_puts(text, "\\\\"); break;
        case '\b': jsonline_puts(text, "\\b"); break;
        case '\f': jsonline_puts(text, "\\f"); break;
        case '\n': jsonline_puts(text, "\\n"); break;
        case '\r': jsonline_puts(text, "\\r"); break;
        case '\t': jsonline_puts(text, "\\t"); break;
        default:
            if (octet < 0x20) {
                snprintf(escape, sizeof escape, "\\u%04x", (unsigned)octet);
                jsonline_puts(text, escape);
            } else {
                jsonline_put(text, ptr + i, 1);
            }
        }
    }
    jsonline_puts(text, "\"");
}

void jsonline_put_one_line(jsonline_text *text, const char *ptr, size_t len)
{
    const size_t start = text->len;
    jsonline_put(text, ptr, len);
    for (char *at = text->ptr + start; at < text->ptr + text->len; ++at) {
        if (*at == '\r' || *at == '\n') {
            *at = ' ';
        }
    }
}

void jsonline_put_octets(jsonline_text *text, const unsigned char *ptr, size_t len)
{
    jsonline_puts(text, "\"");
    for (size_t i = 0; i < len; i += 3) {
        const size_t count = len - i < 3 ? len - i : 3;
        unsigned long bits = 0;
        for (size_t j = 0; j < 3; ++j) {
            bits = bits << 8 | (j < count ? ptr[i + j] : 0U);
        }
        char digits[4] = {'=', '=', '=', '='};
        for (size_t j = 0; j <= count; ++j) {
            digits[j] = alphabet[bits >> (18 - 6 * j) & 0x3f];
        }
        jsonline_put(text, digits, sizeof digits);
    }
    jsonline_puts(text, "\"");
}

void jsonline_clear(jsonline_text *text)
{
    text->len = 0;
}

void jsonline_free(jsonline_text *text)
{
    free(text->ptr);
    text->ptr = NULL;
    text->len = 0;
    text->room = 0;
}
