/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions of atexit run backwards, also those that one of them adds; then buffers are written.
 */
#include "check.h"

static void added(void) { printf("added\n"); }
static void one(void) { printf("one\n"); }
static void two(void) {
    printf("two\n");
    atexit(added);
}
static void three(void) { printf("three\n"); }
int main(void) {
    I(atexit(one));
    I(atexit(two));
    I(atexit(three));
    I(atexit(three));
    printf("main ends\n");
    return 5;
}
