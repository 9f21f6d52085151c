/* SPDX-License-Identifier: Apache-2.0
 *
 * assert of what is true does nothing, and NDEBUG removes it, at each include anew.
 */
#include <assert.h>
#include "check.h"

static int calls;
static int counted(void) { return ++calls; }

static void first(void) { assert(counted() == 1); }
#define NDEBUG
#include <assert.h>
static void none(void) { assert(counted() == 77); }
#undef NDEBUG
#include <assert.h>
static void second(void) { assert(counted() == 2); }

int main(void) {
    first();
    I(calls);
    none();
    I(calls);
    second();
    I(calls);
    static_assert(sizeof(int) == 4, "int");
    return 0;
}
