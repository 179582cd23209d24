/* A number that is a modulo p^2 and b modulo q is a + p^2 * ((b - a) * p^-2 mod q), where a is taken in pieces as long as q. */
#include "src/crypto/okamoto_owner.h"

struct okamoto_owner {
    const struct montgomery *square; /* p^2 */
    struct montgomery other;         /* q */
    struct okamoto_ring rings[2];    /* modulo p^2 and q */
    mp_size_t words;                 /* of n */
    uint32_t pieces;                 /* of a */
    mp_limb_t *weights; /* modulo q, in Montgomery's form with R = 2^(64 * limbs of q): p^-2 for b; -p^-2 * R^i for piece i of a */
};

static mp_size_t most(mp_size_t one, mp_size_t other)
{
    return one > other ? one : other;
}

static uint64_t weight_limbs(const struct okamoto_owner *owner)
{
    return (1 + (uint64_t)owner->pieces) * (uint64_t)owner->other.size;
}

void okamoto_owner_free(struct okamoto_owner *owner, fate_context *context)
{
    if (owner == NULL) return;
    if (owner->weights != NULL) memory_free_secret(context, owner->weights, weight_limbs(owner) * sizeof *owner->weights);
    for (int i = 0; i < 2; i++) okamoto_ring_free(&owner->rings[i], context);
    montgomery_free(&owner->other, context);
    memory_free_secret(context, owner, sizeof *owner);
}

/* sum += number modulo q, both below it. */
static void add(const struct montgomery *q, mp_limb_t *sum, const mp_limb_t *number)
{
    mp_limb_t ignored;
    montgomery_take_modulus(q, sum, mpn_add_n(sum, sum, number, q->size), &ignored);
}

/* piece = limbs of a number from place i on, zeros above its end. */
static void take_piece(mp_limb_t *piece, mp_size_t piece_size, const mp_limb_t *number, mp_size_t size, mp_size_t i)
{
    mp_size_t left = size - i * piece_size;
    mpn_zero(piece, piece_size);
    mpn_copyi(piece, number + i * piece_size, left < piece_size ? left : piece_size);
}

/* out = number mod q, of any length: Horner's rule over pieces. scratch: a piece and montgomery_itch. */
static void reduce(const struct montgomery *q, mp_limb_t *out, const mp_limb_t *number, mp_size_t size, mp_limb_t *scratch)
{
    mp_limb_t *piece = scratch;
    scratch += q->size;
    mpn_zero(out, q->size);
    for (mp_size_t i = (size + q->size - 1) / q->size; i-- > 0;) {
        take_piece(piece, q->size, number, size, i);
        montgomery_enter(q, out, out, scratch); /* times R */
        montgomery_enter(q, piece, piece, scratch);
        montgomery_leave(q, piece, piece, scratch); /* below q */
        add(q, out, piece);
    }
}

/* scratch: montgomery_invert_itch, or a piece and montgomery_itch. */
static void fill_weights(struct okamoto_owner *owner, mp_limb_t *scratch)
{
    const struct montgomery *q = &owner->other;
    mp_limb_t *weight = owner->weights;
    reduce(q, weight, owner->square->modulus, owner->square->size, scratch);
    montgomery_enter(q, weight, weight, scratch);
    montgomery_invert(q, weight, weight, scratch); /* q is a prime, and not p */
    mpn_sub_n(weight + q->size, q->modulus, weight, q->size);
    for (uint32_t i = 1; i < owner->pieces; i++)
        montgomery_enter(q, weight + (i + 1) * (uint64_t)q->size, weight + i * (uint64_t)q->size, scratch);
}

/* numbers of n to those of one ring: p^2 is long enough for one Montgomery reduction. out: three numbers. */
static void reduce_numbers(const struct okamoto_owner *owner, int ring, const struct okamoto_numbers *numbers, mp_limb_t *out,
                           mp_limb_t *scratch)
{
    const mp_limb_t *const each[3] = {numbers->generator, numbers->base, numbers->lift};
    const struct montgomery *square = owner->square;
    for (int i = 0; i < 3; i++) {
        if (ring == 1) {
            reduce(&owner->other, out + i * owner->other.size, each[i], owner->words, scratch);
            continue;
        }
        mpn_zero(scratch, 2 * square->size);
        mpn_copyi(scratch, each[i], owner->words); /* below n = p^2*q < p^2*R */
        montgomery_remainder(square, out + i * square->size, scratch, scratch + 2 * square->size);
    }
}

static int32_t fill(struct okamoto_owner *owner, fate_context *context, const struct okamoto_numbers *numbers)
{
    const struct montgomery *moduli[2] = {owner->square, &owner->other};
    const mp_size_t longest = owner->square->size;
    struct scratch scratch;
    mp_size_t itch = most(montgomery_invert_itch(&owner->other), 2 * longest + montgomery_itch(owner->square));
    int32_t result = scratch_new(&scratch, context, 1, 3 * longest + itch);
    if (result != FATE_OK) return result;
    mp_limb_t *reduced = scratch.limbs, *rest = reduced + 3 * longest;
    fill_weights(owner, rest);
    for (int i = 0; i < 2 && result == FATE_OK; i++) {
        mp_size_t size = moduli[i]->size;
        reduce_numbers(owner, i, numbers, reduced, rest);
        result =
            okamoto_ring_init(&owner->rings[i], context, moduli[i], &(struct okamoto_numbers){reduced, reduced + size, reduced + 2 * size});
    }
    scratch_free(&scratch);
    return result;
}

int32_t okamoto_owner_new(struct okamoto_owner **owner, fate_context *context, const struct okamoto_owner_source *source)
{
    struct okamoto_owner *made = memory_zeroed(context, 1, sizeof *made);
    *owner = NULL;
    if (made == NULL) return context_out_of_memory(context);
    made->square = source->square;
    made->words = source->words;
    int32_t result = montgomery_init(&made->other, context, source->other, limbs_for_bits(source->other_bits));
    if (result == FATE_OK) {
        made->pieces = (uint32_t)((made->square->size + made->other.size - 1) / made->other.size);
        made->weights = memory_allocate(context, weight_limbs(made), sizeof *made->weights);
        result = made->weights == NULL ? context_out_of_memory(context) : fill(made, context, source->numbers);
    }
    if (result == FATE_OK)
        *owner = made;
    else
        okamoto_owner_free(made, context);
    return result;
}

/* Products take the square of a row's length. The join and what is lost with shorter rows take about a seventh: with AVX-512, whose rows are
 * multiples of ten limbs, two short ones are no less work than that of 2048 bits. */
bool okamoto_owner_pays(const struct okamoto_owner *owner, const struct group *group)
{
    const mp_size_t p = owner->rings[0].group.row, q = owner->rings[1].group.row;
    return 7 * (p * p + q * q) <= 6 * group->row * group->row;
}

int32_t okamoto_owner_tables_get(struct okamoto_owner_tables *tables, const struct okamoto_owner *owner, const struct scheme_key *key)
{
    tables->owner = owner;
    int32_t result = okamoto_tables_get(&tables->tables[0], &owner->rings[0], key);
    return result == FATE_OK ? okamoto_tables_get(&tables->tables[1], &owner->rings[1], key) : result;
}

/* number = what is a modulo p^2 and b modulo q. */
static void join(const struct okamoto_owner *owner, mp_limb_t *number, const mp_limb_t *a, const mp_limb_t *b, mp_limb_t *scratch)
{
    const struct montgomery *square = owner->square, *q = &owner->other;
    mp_limb_t *factor = scratch, *piece = factor + q->size, *product = piece + q->size;
    scratch = product + square->size + q->size;
    montgomery_multiply(q, factor, b, owner->weights, scratch);
    for (uint32_t i = 0; i < owner->pieces; i++) {
        take_piece(piece, q->size, a, square->size, i); /* below R: the product is below q*R */
        montgomery_multiply(q, piece, piece, owner->weights + (i + 1) * (uint64_t)q->size, scratch);
        add(q, factor, piece);
    }
    mpn_sec_mul(product, square->modulus, square->size, factor, q->size, scratch);
    mpn_zero(scratch, square->size + q->size);
    mpn_copyi(scratch, a, square->size);
    mpn_add_n(product, product, scratch, square->size + q->size);
    mpn_copyi(number, product, owner->words); /* below n: what lies higher is zero */
}

static mp_size_t join_itch(const struct okamoto_owner *owner)
{
    const mp_size_t size = owner->square->size, other = owner->other.size;
    mp_size_t itch = most(montgomery_itch(&owner->other), mpn_sec_mul_itch(size, other));
    return size + 3 * other + most(itch, size + other);
}

static mp_size_t ring_itch(const struct okamoto_ring *ring)
{
    return GROUP_ALIGNMENT + ring->group.bundle + most(okamoto_power_itch(ring), ring->group.itch);
}

mp_size_t okamoto_owner_itch(const struct okamoto_owner *owner)
{
    mp_size_t rings = most(ring_itch(&owner->rings[0]), ring_itch(&owner->rings[1]));
    return GROUP_MOST_LANES * (owner->square->size + owner->other.size) + most(rings, join_itch(owner));
}

void okamoto_owner_power(const struct okamoto_owner_tables *tables, mp_limb_t *const *numbers, const struct okamoto_exponents *exponents,
                         mp_limb_t *scratch)
{
    const struct okamoto_owner *owner = tables->owner;
    const uint32_t lanes = owner->rings[0].group.lanes;
    mp_limb_t *remainders[2][GROUP_MOST_LANES];
    for (int i = 0; i < 2; i++)
        for (uint32_t lane = 0; lane < lanes; lane++, scratch += owner->rings[i].group.words) remainders[i][lane] = scratch;
    for (int i = 0; i < 2; i++) {
        const struct group *group = &owner->rings[i].group;
        mp_limb_t *power = group_align(scratch), *rest = power + group->bundle;
        okamoto_power(&tables->tables[i], power, exponents, rest);
        group->leave(group->ring, remainders[i], power, rest);
    }
    for (uint32_t lane = 0; lane < lanes; lane++) join(owner, numbers[lane], remainders[0][lane], remainders[1][lane], scratch);
}
