/* SPDX-License-Identifier: Apache-2.0
 *
 * setenv, unsetenv, putenv and getenv see each other's changes.
 * env: GIVEN=from outside
 * env: EMPTY=
 */
#include "check.h"

static char own[] = "OWN=first";

int main(void) {
    S(getenv("GIVEN"));
    S(getenv("EMPTY"));
    S(getenv("NOT_THERE"));
    X(setenv("NEW", "1", 0));
    X(setenv("NEW", "2", 0));
    S(getenv("NEW"));
    X(setenv("NEW", "3", 1));
    S(getenv("NEW"));
    X(unsetenv("NEW"));
    S(getenv("NEW"));
    X(unsetenv("NEW"));
    X(setenv("", "x", 1));
    X(setenv("A=B", "x", 1));
    X(unsetenv("A=B"));
    X(putenv(own));
    S(getenv("OWN"));
    strcpy(own + 4, "2nd");
    S(getenv("OWN"));
    X(setenv("GIVEN", "changed", 1));
    S(getenv("GIVEN"));
    S(getenv("GIVE"));
    return 0;
}
