/* Q-learning on the 9 x 9 grid with teleporters as somebody would write it in C: what this machine can do today.

   cc -O2 qlearning.c -o qlearning && ./qlearning EPISODES SEED     prints nanoseconds an update, and the greedy return

   Step size 0.1, discount 1, epsilon from 1 to 0 over the first half of the episodes, the first of equal actions. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SIZE = 9, CELLS = SIZE * SIZE, GOAL = CELLS - 1, MOVES = 4, LIMIT = 1000 };

static int after[CELLS][MOVES];
static double q[CELLS][MOVES];
static uint64_t state;

static double uniform(void) { /* xorshift64* */
    state ^= state >> 12, state ^= state << 25, state ^= state >> 27;
    return (double)((state * 2685821657736338717u) >> 11) / 9007199254740992.0;
}

static int best(int cell) {
    int found = 0;
    for (int move = 1; move < MOVES; move++)
        if (q[cell][move] > q[cell][found]) found = move;
    return found;
}

int main(int count, char **word) {
    if (count != 3) return fprintf(stderr, "give the number of episodes and a seed\n"), 2;
    const int episodes = atoi(word[1]);
    state = 88172645463325252u + (uint64_t)atoi(word[2]);
    for (int cell = 0; cell < CELLS; cell++) {
        const int row = cell / SIZE, column = cell % SIZE;
        const int next[MOVES] = {row > 0 ? cell - SIZE : cell, column < SIZE - 1 ? cell + 1 : cell,
                                 row < SIZE - 1 ? cell + SIZE : cell, column > 0 ? cell - 1 : cell};
        for (int move = 0; move < MOVES; move++)
            after[cell][move] = next[move] == 18 ? 54 : next[move] == 63 ? 14 : next[move];
    }
    struct timespec begun, over;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    long updates = 0;
    for (int episode = 0; episode < episodes; episode++) {
        const double fraction = 1.0 - 2.0 * episode / episodes, epsilon = fraction > 0 ? fraction : 0;
        for (int cell = 0, step = 0; cell != GOAL && step < LIMIT; step++) {
            const int move = uniform() < epsilon ? (int)(uniform() * MOVES) : best(cell);
            const int next = after[cell][move];
            const double reward = next == GOAL ? 0 : -1, worth = next == GOAL ? 0 : q[next][best(next)];
            q[cell][move] += 0.1 * (reward + worth - q[cell][move]);
            cell = next;
            updates++;
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &over);
    int cell = 0, earned = 0;
    for (int step = 0; cell != GOAL && step < LIMIT; step++) {
        cell = after[cell][best(cell)];
        earned -= cell != GOAL;
    }
    printf("%.2f %d\n", ((over.tv_sec - begun.tv_sec) * 1e9 + (over.tv_nsec - begun.tv_nsec)) / updates, earned);
    return 0;
}
