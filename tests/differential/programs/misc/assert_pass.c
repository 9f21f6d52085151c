/* SPDX-License-Identifier: Apache-2.0
 *
 * assert of what is true does nothing, and NDEBUG removes it.
 */
#include <assert.h>
#include <assert.h>
#include <assert.h>
#include "check.h"

static int calls;
static int counted(void) { return ++calls; }
int main(void) {
    assert(counted() == 1);
    I(calls);
#define NDEBUG
    assert(counted() == 77);
    I(calls);
#undef NDEBUG
    assert(counted() == 2);
    I(calls);
    static_assert(sizeof(int) == 4, "int");
    return 0;
}
