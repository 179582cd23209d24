#!/usr/bin/env python3
"""How hard the lattice cipher's parameters are, and how much its replies tell: the estimates behind SECURITY.md, "The lattice cipher".

Needs nothing but Python. Ring-LWE is taken as LWE: secrets ternary, noise of deviation 3.24, any number of samples. Attacks: primal (unique
shortest vector in the lattice of Bai and Galbraith, success by Alkim et al. 2016) and dual (distinguishing with the 2^(0.2075 b) short vectors of one
sieve), with block size b and Chen's root Hermite factor. Core-SVP counts a sieve as 2^(0.292 b) (quantum 2^(0.265 b)); "with overhead"
adds 2^16.4 for each of 8 d calls. The replies: Hellinger distance of the flood and the flood moved by one, computed term by term; and the
statistical distance of all replies of a training."""
import math

NOISE, SECRET = math.sqrt(10.5), math.sqrt(2 / 3)


def log_delta(b):
    """The logarithm of Chen's root Hermite factor for block size b."""
    return math.log((math.pi * b) ** (1 / b) * b / (2 * math.pi * math.e)) / (2 * (b - 1))


def log_volume(n, bits, m):
    """The logarithm of the d-th root of the volume, with the secret scaled to the noise: q^m (NOISE/SECRET)^n."""
    return (m * bits * math.log(2) + n * math.log(NOISE / SECRET)) / (n + m + 1)


def primal(n, bits):
    """The least block size that finds the secret, and the dimension where it does."""
    def dimension(b):
        for m in range(n // 4, 3 * n, 16):
            d = n + m + 1
            if 0.5 * math.log(b) + math.log(NOISE) <= (2 * b - d - 1) * log_delta(b) + log_volume(n, bits, m):
                return d
        return None

    low, high = 60, 2500
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if dimension(middle) else (middle + 1, high)
    return low, dimension(low)


def dual(n, bits):
    """The logarithm (base 2) of the cost, and its block size."""
    best = (math.inf, 0)
    for b in range(60, 1200, 2):
        for m in range(n // 4, 2 * n, 64):
            d = n + m
            length = math.exp(d * log_delta(b) + (n * bits * math.log(2) - n * math.log(NOISE / SECRET)) / d - bits * math.log(2))
            needed = 4 * math.pi ** 2 * (length * NOISE) ** 2 / math.log(2)
            best = min(best, (0.292 * b + max(0, needed - 0.2075 * b), b))
    return best


def flood(width):
    """D times the Hellinger distance of a sum of three uniform numbers on width = D/4 integers and the same moved by one."""
    def below(i):
        return (i + 1) * (i + 2) // 2 if i >= 0 else 0

    counts = [below(i) - 3 * below(i - width) + 3 * below(i - 2 * width) - below(i - 3 * width) for i in range(3 * width)]
    assert sum(counts) == width ** 3
    affinity = math.fsum(math.sqrt(x * y) for x, y in zip(counts, counts[1:])) / width ** 3
    return math.sqrt(1 - affinity) * 4 * width


def leak(rows, columns, bins, vectors, n, scale):
    """The logarithm (base 2) of the statistical distance."""
    return math.log2(4.3 * math.sqrt(vectors * (10.5 * rows * columns + 14 * n * bins))) - scale


print('profile    n  log q  primal: b, d      core-SVP  quantum  with overhead  dual (b)')
for name, n, bits in ('B', 4096, 104), ('C', 8192, 128), ('A', 4096, 64):
    b, d = primal(n, bits)
    cost, block = dual(n, bits)
    print(f'{name}       {n}  {bits:5}  {b:5}, {d:5}      {0.292 * b:8.1f}  {0.265 * b:7.1f}  '
          f'{0.292 * b + 16.4 + math.log2(8 * d):13.1f}  {cost:.1f} ({block})')
print()
for width in 64, 256, 1024, 4096:
    print(f'flood of 3 x {width}: Hellinger distance of a step is {flood(width):.4f}/D, statistical at most {math.sqrt(2) * flood(width):.4f}/D')
print()
for name, n, bits, sums in ('B', 4096, 104, 40), ('C', 8192, 128, 44), ('A', 4096, 64, 40):
    for rows, columns in (1000000, 300), (100000, 300), (30000, 10):
        print(f'{name}, sums of {sums} bits, {rows} rows, {columns} columns of 32 bins, 10000 vectors: '
              f'replies tell at most 2^{leak(rows, columns, 32 * columns, 10000, n, bits - sums - 1):.1f}')
print()
for rows in 1000000, 100000, 30000:
    deviation = 2 ** 23 / 20
    print(f'A, sums of 40 bits, {rows} rows, 10000 vectors: replies tell of a bin of a 32nd of the rows '
          f'{10000 * 10.5 * rows / 32 / (2 * deviation ** 2) / math.log(2):.5f} bits')
