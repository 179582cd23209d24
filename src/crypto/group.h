/* A commutative group of numbers in limbs, as a table of functions: what vector operations and tables of powers need to know of the ring
 * that a scheme computes in.
 *
 * A vector holds its elements one after the other, `row` limbs each. Operations take a bundle: `lanes` elements side by side, as a kernel's
 * vectors want them; one element without a kernel. Elements of a vector and of bundles stay in Montgomery's form, and need not be canonical:
 * equal ones may differ in their limbs. A plain number is canonical, in `words` limbs, on every kernel the same. */
#ifndef CRYPTO_GROUP_H
#define CRYPTO_GROUP_H

#include "src/crypto/montgomery.h"

enum {
    GROUP_MOST_LANES = 8,
    GROUP_MOST_ENTRIES = 32, /* of a table that select reads */
    GROUP_ALIGNMENT = 8      /* limbs: where bundles and scratch must stand, see group_align */
};

struct group;

/* Elements one at a time, in a form that only products and inverses need to know: how a bundle is inverted. */
struct group_single {
    const void *ring;
    mp_size_t size; /* limbs of an element */
    mp_size_t itch; /* limbs of scratch */
    void (*multiply)(const void *ring, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right, mp_limb_t *scratch);
    mp_limb_t (*invert)(const void *ring, mp_limb_t *out, const mp_limb_t *element,
                        mp_limb_t *scratch); /* out is not element; 0: there is none */
};

/* Rows that are needed after a product, which it asks the processor for while it runs, a few lines of the cache at a time: a core waits for
 * about a dozen lines at once, and asked for more it would not go on. */
struct group_ahead {
    const mp_limb_t *rows[2 * GROUP_MOST_LANES];
    uint32_t count;
    uint32_t row, limb; /* the next to be asked for: zeros at first */
    uint32_t lines;     /* that are asked for together: the product's own affair */
};

/* ring: what the functions get first. Bundles may be their own operands; each operation is in constant time, but for the public ones. */
struct group {
    const void *ring;                  /* kept, must outlive the group */
    const struct montgomery *one_lane; /* the same ring for single plain numbers; NULL where elements are pairs */
    uint32_t lanes;
    mp_size_t row;
    mp_size_t bundle; /* limbs of a bundle: one after another stands as it must */
    mp_size_t words;
    const mp_limb_t *one; /* a row */
    mp_size_t itch;       /* limbs of scratch */

    /* From rows of vectors, one a lane, and back. */
    void (*load)(const void *ring, mp_limb_t *bundle, const mp_limb_t *const *rows);
    void (*store)(const void *ring, mp_limb_t *const *rows, const mp_limb_t *bundle);
    /* Plain numbers below the modulus as if they were in Montgomery's form already; and into the form; and out of it. Not of pairs. */
    void (*take)(const void *ring, mp_limb_t *bundle, const mp_limb_t *const *numbers, mp_limb_t *scratch);
    void (*enter)(const void *ring, mp_limb_t *bundle, const mp_limb_t *const *numbers, mp_limb_t *scratch);
    void (*leave)(const void *ring, mp_limb_t *const *numbers, const mp_limb_t *bundle, mp_limb_t *scratch);

    void (*multiply)(const void *ring, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right, mp_limb_t *scratch);
    /* As often as times says. */
    void (*square)(const void *ring, mp_limb_t *bundle, uint64_t times, mp_limb_t *scratch);
    void (*multiply_public)(const void *ring, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right, mp_limb_t *scratch);
    void (*square_public)(const void *ring, mp_limb_t *bundle, uint64_t times, mp_limb_t *scratch);
    /* As multiply_public. Where rows are, is public too. */
    void (*multiply_ahead)(const void *ring, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right, struct group_ahead *ahead,
                           mp_limb_t *scratch);

    /* Lane i of out = the element number digits[i] of a table, all of which is read: of rows that all lanes share, or of bundles. */
    void (*select_row)(const void *ring, mp_limb_t *out, const mp_limb_t *rows, uint32_t entries, const mp_limb_t *digits);
    void (*select_bundle)(const void *ring, mp_limb_t *out, const mp_limb_t *bundles, uint32_t entries, const mp_limb_t *digits);

    /* Rows as plain numbers, which are below the square of the modulus where elements are pairs, and back: one a lane. scratch:
     * group_wire_itch. */
    void (*read)(const struct group *group, mp_limb_t *const *rows, const mp_limb_t *const *numbers, mp_limb_t *scratch);
    void (*write)(const struct group *group, mp_limb_t *const *numbers, const mp_limb_t *const *rows, mp_limb_t *scratch);

    /* A public bundle as single elements, and back. */
    struct group_single single;
    void (*apart)(const struct group *group, mp_limb_t *const *singles, const mp_limb_t *bundle, mp_limb_t *scratch);
    void (*together)(const struct group *group, mp_limb_t *bundle, const mp_limb_t *const *singles, mp_limb_t *scratch);
};

/* The units modulo an odd number, in Montgomery's form, one in a bundle. */
void group_of_montgomery(struct group *group, const struct montgomery *montgomery);
/* Sets what a group of such units needs for inverses and rows, on any lanes: one_lane, words, take, enter and leave must be there. */
void group_set_single(struct group *group);

/* The first place at or after limbs where a bundle or scratch may stand. */
mp_limb_t *group_align(mp_limb_t *limbs);

/* Asks for all that is left of the rows at once: what products do that have no passes to do it between. row: limbs of one. */
void group_ask_for(struct group_ahead *ahead, mp_size_t row);

/* What read and write need. */
mp_size_t group_wire_itch(const struct group *group);

/* bundle = the element of a row in all lanes. */
void group_spread(const struct group *group, mp_limb_t *bundle, const mp_limb_t *row);

/* row = a plain number in the form. scratch: group_make_row_itch. */
mp_size_t group_make_row_itch(const struct group *group);
void group_make_row(const struct group *group, mp_limb_t *row, const mp_limb_t *number, mp_limb_t *scratch);

/* bundle = bundle^-1 in each lane, of public elements; 0, and nothing is changed, when there is not one for each: one inversion and three
 * products a lane. scratch: group_invert_itch. */
mp_size_t group_invert_itch(const struct group *group);
mp_limb_t group_invert(const struct group *group, mp_limb_t *bundle, mp_limb_t *scratch);

#endif
