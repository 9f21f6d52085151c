/* SPDX-License-Identifier: Apache-2.0
 *
 * Length modifiers store as many bytes as they say.
 */
#include "check.h"

int main(void) {
    struct {
        signed char c;
        char guard1;
        short s;
        char guard2;
    } v = {0, 'g', 0, 'h'};
    long l;
    long long ll;
    size_t z;
    I(sscanf("300 70000 5000000000 -9223372036854775808 42", "%hhd %hd %ld %lld %zu", &v.c, &v.s, &l, &ll, &z));
    printf("%d %d %ld %lld %zu %c%c\n", v.c, v.s, l, ll, z, v.guard1, v.guard2);
    return 0;
}
