/* SPDX-License-Identifier: Apache-2.0
 *
 * Globals with initialisers, pointers to functions and to each other, static locals.
 */
#include "check.h"

static int twice(int x) { return 2 * x; }
static int square(int x) { return x * x; }
struct node {
    const char *name;
    int (*f)(int);
    const struct node *next;
};
static const struct node last = {"square", square, NULL};
static const struct node first = {"twice", twice, &last};
static int table[4][3] = {{1, 2, 3}, {[2] = 9}, {0}};
static char text[] = "changed";
static int count(void) {
    static int n = 10;
    return n++;
}

int main(void) {
    for (const struct node *n = &first; n != NULL; n = n->next) printf("%s %d\n", n->name, n->f(7));
    printf("%d %d %d\n", table[0][1], table[1][2], table[3][0]);
    text[0] = 'C';
    S(text);
    I(count());
    I(count());
    return 0;
}
