/* SPDX-License-Identifier: Apache-2.0
 *
 * Output lines and input in turn, as a dialogue has them.
 * stdin: Ann\n42\n
 */
#include "check.h"

int main(void) {
    char name[32];
    int age;
    printf("name? ");
    fflush(stdout);
    if (fgets(name, sizeof name, stdin) == NULL) return 1;
    name[strcspn(name, "\n")] = 0;
    printf("age of %s? ", name);
    if (scanf("%d", &age) != 1) return 2;
    printf("%s is %d\n", name, age);
    return 0;
}
