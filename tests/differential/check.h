/* SPDX-License-Identifier: Apache-2.0
 *
 * What the small programs of the differential suite share: they print what an expression gave, beside its text. Where a call failed its
 * errno is printed too; after success errno is nobody's business, as in C.
 */
#ifndef CHECK_H
#define CHECK_H
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An integer. */
#define I(e)                                     \
    do {                                         \
        long long value_ = (long long)(e);       \
        printf("%s = %lld\n", #e, value_);       \
    } while (0)

/* What only has a sign. */
#define SIGN(e)                                                          \
    do {                                                                 \
        long long value_ = (long long)(e);                               \
        printf("sign of %s = %d\n", #e, (value_ > 0) - (value_ < 0));    \
    } while (0)

/* A double, with all its digits. */
#define F(e)                                 \
    do {                                     \
        double value_ = (e);                 \
        printf("%s = %.17g\n", #e, value_);  \
    } while (0)

/* A call that gives a negative number, and errno, when it fails. */
#define X(e)                                                     \
    do {                                                         \
        long long value_;                                        \
        int errno_;                                              \
        errno = 0;                                               \
        value_ = (long long)(e);                                 \
        errno_ = errno;                                          \
        printf("%s = %lld", #e, value_);                         \
        if (value_ < 0) printf(", errno %d", errno_);            \
        printf("\n");                                            \
    } while (0)

/* A call that gives a null pointer, and errno, when it fails. */
#define P(e)                                                     \
    do {                                                         \
        const void *value_;                                      \
        int errno_;                                              \
        errno = 0;                                               \
        value_ = (const void *)(e);                              \
        errno_ = errno;                                          \
        if (value_ != NULL) printf("%s is there\n", #e);         \
        else printf("%s = NULL, errno %d\n", #e, errno_);        \
    } while (0)

/* Text, with what cannot be seen as an escape. */
#define S(e) check_text(#e, (e))
#define B(p, n) check_bytes(#p, (p), (n))

static inline void check_bytes(const char *name, const void *from, size_t n) {
    const unsigned char *p = (const unsigned char *)from;
    size_t i;
    printf("%s = \"", name);
    for (i = 0; i < n; i++) {
        if (p[i] >= 32 && p[i] < 127 && p[i] != '"' && p[i] != '\\') printf("%c", p[i]);
        else printf("\\%02x", p[i]);
    }
    printf("\"\n");
}

static inline void check_text(const char *name, const char *text) {
    if (text == NULL) printf("%s = NULL\n", name);
    else check_bytes(name, text, strlen(text));
}

/* A file's bytes, read without the buffer under test. */
static inline void check_file(const char *path) {
    char bytes[4096];
    size_t n;
    FILE *in = fopen(path, "rb");
    if (in == NULL) {
        printf("%s: errno %d\n", path, errno);
        return;
    }
    n = fread(bytes, 1, sizeof bytes, in);
    fclose(in);
    check_bytes(path, bytes, n);
}

static inline void make_file(const char *path, const char *text) {
    FILE *out = fopen(path, "wb");
    if (out == NULL) {
        printf("%s cannot be made: errno %d\n", path, errno);
        exit(99);
    }
    fputs(text, out);
    fclose(out);
}

#endif
