/* SPDX-License-Identifier: Apache-2.0
 *
 * adventure: a small text adventure, played on standard input.
 *
 *     adventure [-s SEED] [-q] [SAVED]
 *
 * Bring the brass key to the lighthouse before the lamp is out. Commands are one or two words ("north", "take lamp", "look", "help");
 * "save NAME" and "restore NAME" keep a game in a file. -q does not print the prompt, for games that come through a pipe.
 * Status 0 if the game was won, 1 if it was lost or left.
 */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum way { NORTH, SOUTH, EAST, WEST, UP, DOWN, WAYS };
enum place { BEACH, PATH, CAVE, POOL, SHAFT, VILLAGE, INN, LIGHTHOUSE, LANTERN, PLACES, CARRIED = -1, GONE = -2 };
enum thing { LAMP, ROPE, KEY, COIN, FISH, CAT, THINGS };

static const char *const way_names[WAYS] = {"north", "south", "east", "west", "up", "down"};

struct room {
    const char *name;
    const char *text;
    bool dark;
    signed char to[WAYS]; /* a place + 1; 0: no way */
};

static const struct room rooms[PLACES] = {
    [BEACH] = {"Beach", "Grey pebbles, grey waves. A path leads north; a cave opens to the east.", false, {PATH + 1, 0, CAVE + 1, 0, 0, 0}},
    [PATH] = {"Cliff path", "Wind. The beach lies south, a village north, and a lighthouse stands to the west.", false,
              {VILLAGE + 1, BEACH + 1, 0, LIGHTHOUSE + 1, 0, 0}},
    [CAVE] = {"Cave", "Water drips. It goes on to the east, and daylight comes from the west.", true, {0, 0, POOL + 1, BEACH + 1, 0, 0}},
    [POOL] = {"Pool", "A still, black pool. A shaft goes down beside it.", true, {0, 0, 0, CAVE + 1, 0, SHAFT + 1}},
    [SHAFT] = {"Bottom of the shaft", "Old timber, and no way on but up.", true, {0, 0, 0, 0, POOL + 1, 0}},
    [VILLAGE] = {"Village", "Five houses with their shutters closed. The inn is to the east; a path goes south.", false,
                 {0, PATH + 1, INN + 1, 0, 0, 0}},
    [INN] = {"Inn", "Warm and empty. The landlord sells lamp oil for a coin.", false, {0, 0, 0, VILLAGE + 1, 0, 0}},
    [LIGHTHOUSE] = {"Foot of the lighthouse", "A heavy door, and stairs behind it.", false, {0, 0, PATH + 1, 0, LANTERN + 1, 0}},
    [LANTERN] = {"Lantern room", "Glass all around, and the great light.", false, {0, 0, 0, 0, 0, LIGHTHOUSE + 1}},
};

static const struct {
    const char *name;
    const char *text;
    enum place start;
} things[THINGS] = {
    [LAMP] = {"lamp", "An oil lamp.", BEACH},
    [ROPE] = {"rope", "Thirty feet of good rope.", VILLAGE},
    [KEY] = {"key", "A brass key with a tag: LIGHT.", SHAFT},
    [COIN] = {"coin", "A silver coin.", POOL},
    [FISH] = {"fish", "A fresh herring.", BEACH},
    [CAT] = {"cat", "A black cat. It looks through you.", INN},
};

/* All that "save" has to keep. */
struct game {
    unsigned seed;
    int at;
    int places[THINGS];
    int turns, oil, score;
    bool lit, open, over, won;
    bool seen[PLACES];
};

static struct game game;
static char line[256];

static unsigned chance(unsigned n) {
    game.seed = game.seed * 1103515245u + 12345u;
    return (game.seed >> 16) % n;
}

static bool has(enum thing t) { return game.places[t] == CARRIED; }

static bool can_see(void) {
    return !rooms[game.at].dark || (game.lit && (has(LAMP) || game.places[LAMP] == game.at));
}

static void look(const char *what) {
    (void)what;
    if (!can_see()) {
        puts("It is pitch dark.");
        return;
    }
    printf("-- %s --\n%s\n", rooms[game.at].name, rooms[game.at].text);
    for (int t = 0; t < THINGS; t++) {
        if (game.places[t] == game.at) printf("There is a %s here.\n", things[t].name);
    }
}

static int thing_named(const char *name) {
    for (int t = 0; t < THINGS; t++) {
        if (strcmp(things[t].name, name) == 0) return t;
    }
    return -1;
}

static void win(void) {
    game.over = game.won = true;
    game.score += 50;
    puts("You turn the key, and the great light sweeps over the sea. Far out a ship changes its course.");
}

static void go(int way) {
    int to = rooms[game.at].to[way] - 1;
    if (to < 0) {
        puts("You can't go there.");
    } else if (!can_see() && chance(4) == 0) {
        puts("You stumble in the dark, and fall. It is a long fall.");
        game.over = true;
    } else if (to == SHAFT && !has(ROPE)) {
        puts("Too deep without a rope.");
    } else if (to == LANTERN && !game.open) {
        puts("The door is locked.");
    } else {
        game.at = to;
        if (!game.seen[to]) {
            game.seen[to] = true;
            game.score += 5;
        }
        look("");
    }
}

static void take(const char *name) {
    int t = thing_named(name);
    int carried = 0;
    for (int i = 0; i < THINGS; i++) carried += has((enum thing)i);
    if (t < 0 || game.places[t] != game.at || !can_see()) {
        printf("You see no %s here.\n", *name ? name : "such thing");
    } else if (carried >= 4) {
        puts("Your hands are full.");
    } else if (t == CAT && !has(FISH)) {
        puts("The cat slips away. It smells nothing of interest on you.");
    } else {
        if (t == CAT) {
            puts("The cat eats the herring and allows itself to be picked up.");
            game.places[FISH] = GONE;
            game.score += 10;
        }
        game.places[t] = CARRIED;
        puts("Taken.");
    }
}

static void drop(const char *name) {
    int t = thing_named(name);
    if (t < 0 || !has((enum thing)t)) {
        puts("You don't have that.");
        return;
    }
    game.places[t] = game.at;
    puts("Dropped.");
}

static void examine(const char *name) {
    int t = thing_named(name);
    if (t < 0 || (game.places[t] != game.at && !has((enum thing)t))) puts("You see nothing special.");
    else puts(things[t].text);
    if (t == LAMP) printf("It is %s, with oil for %d turns.\n", game.lit ? "lit" : "out", game.oil);
}

static void inventory(const char *what) {
    (void)what;
    int n = 0;
    for (int t = 0; t < THINGS; t++) {
        if (has((enum thing)t)) printf("%s%s", n++ ? ", " : "You carry: ", things[t].name);
    }
    puts(n ? "." : "You carry nothing.");
}

static void light(const char *name) {
    if (*name && strcmp(name, "lamp") != 0) puts("That won't burn.");
    else if (!has(LAMP)) puts("You have no lamp.");
    else if (game.oil <= 0) puts("There is no oil in it.");
    else {
        game.lit = !game.lit;
        printf("The lamp is %s.\n", game.lit ? "lit" : "out");
    }
}

static void buy(const char *name) {
    if (game.at != INN) puts("Nobody sells anything here.");
    else if (strcmp(name, "oil") != 0) puts("\"Oil I have,\" says the landlord, \"and nothing else.\"");
    else if (!has(COIN)) puts("\"A coin, please.\"");
    else {
        game.places[COIN] = GONE;
        game.oil += 60;
        game.score += 10;
        puts("The landlord fills your lamp.");
    }
}

static void unlock(const char *name) {
    (void)name;
    if (game.at == LIGHTHOUSE && has(KEY)) {
        game.open = true;
        game.score += 20;
        puts("The door swings open.");
    } else if (game.at == LANTERN && has(KEY)) {
        win();
    } else {
        puts(game.at == LIGHTHOUSE ? "You have no key." : "There is nothing to unlock.");
    }
}

static void save(const char *name) {
    FILE *out = fopen(*name ? name : "adventure.sav", "wb");
    if (out == NULL) {
        printf("It can't be saved: %s.\n", strerror(errno));
        return;
    }
    bool good = fputs("ADV1", out) != EOF && fwrite(&game, sizeof game, 1, out) == 1;
    good = fclose(out) == 0 && good;
    puts(good ? "Saved." : "It can't be saved.");
}

static void restore(const char *name) {
    FILE *in = fopen(*name ? name : "adventure.sav", "rb");
    char magic[4];
    struct game saved;
    if (in == NULL) {
        printf("It can't be restored: %s.\n", strerror(errno));
        return;
    }
    if (fread(magic, 1, 4, in) == 4 && memcmp(magic, "ADV1", 4) == 0 && fread(&saved, sizeof saved, 1, in) == 1 &&
        getc(in) == EOF && saved.at >= 0 && saved.at < PLACES) {
        game = saved;
        puts("Restored.");
        look("");
    } else {
        puts("That is no saved game.");
    }
    fclose(in);
}

static void score(const char *what) {
    (void)what;
    printf("%d points in %d turns.\n", game.score, game.turns);
}

static void quit(const char *what) {
    (void)what;
    game.over = true;
}

static void help(const char *what);

static const struct {
    const char *name;
    void (*does)(const char *what);
    int turns;
} commands[] = {
    {"look", look, 0},     {"take", take, 1}, {"get", take, 1},     {"drop", drop, 1},       {"examine", examine, 0}, {"inventory", inventory, 0},
    {"light", light, 1},   {"buy", buy, 1},   {"unlock", unlock, 1}, {"turn", unlock, 1},     {"save", save, 0},       {"restore", restore, 0},
    {"score", score, 0},   {"quit", quit, 0}, {"help", help, 0},
};

static void help(const char *what) {
    (void)what;
    fputs("You can say:", stdout);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) printf(" %s", commands[i].name);
    for (int i = 0; i < WAYS; i++) printf(" %s", way_names[i]);
    puts(".");
}

static void pass_time(int turns) {
    game.turns += turns;
    if (!game.lit) return;
    game.oil -= turns;
    if (game.oil > 0 && game.oil <= 5) puts("The lamp flickers.");
    if (game.oil <= 0) {
        game.lit = false;
        puts("The lamp goes out.");
    }
}

static void obey(char *text) {
    char *word = strtok(text, " \t\r\n");
    char *what = strtok(NULL, " \t\r\n");
    size_t length;
    if (word == NULL) return;
    if (strcmp(word, "go") == 0 && what != NULL) word = what;
    length = strlen(word);
    for (int i = 0; i < WAYS; i++) {
        if (strncmp(word, way_names[i], length) == 0) {
            go(i);
            pass_time(1);
            return;
        }
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strncmp(word, commands[i].name, length) == 0) {
            commands[i].does(what == NULL ? "" : what);
            pass_time(commands[i].turns);
            return;
        }
    }
    printf("I don't know how to \"%s\".\n", word);
}

static void goodbye(void) { printf("Goodbye. %d points in %d turns.\n", game.score, game.turns); }

int main(int argc, char **argv) {
    bool quiet = false;
    int option;
    game.seed = 1;
    while ((option = getopt(argc, argv, "s:q")) != -1) {
        if (option == 's') game.seed = (unsigned)strtoul(optarg, NULL, 0);
        else if (option == 'q') quiet = true;
        else {
            fprintf(stderr, "usage: %s [-s SEED] [-q] [SAVED]\n", "adventure");
            return 2;
        }
    }
    for (int t = 0; t < THINGS; t++) game.places[t] = things[t].start;
    game.oil = 12;
    game.seen[BEACH] = true;
    atexit(goodbye);
    if (optind < argc) restore(argv[optind]);
    else look("");
    while (!game.over) {
        if (!quiet) {
            fputs("> ", stdout);
            fflush(stdout);
        }
        if (fgets(line, sizeof line, stdin) == NULL) {
            if (!quiet) putchar('\n');
            break;
        }
        if (strchr(line, '\n') == NULL && !feof(stdin)) {
            int c;
            while ((c = getchar()) != '\n' && c != EOF) {
            }
            puts("Not so many words.");
            continue;
        }
        for (char *p = line; *p; p++) *p = (char)tolower((unsigned char)*p);
        obey(line);
    }
    return game.won ? EXIT_SUCCESS : EXIT_FAILURE;
}
