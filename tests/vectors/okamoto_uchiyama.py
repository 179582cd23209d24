#!/usr/bin/env python3
"""Writes tests/vectors/okamoto_uchiyama.txt: known answers for Okamoto-Uchiyama, computed with Python's integers from the definition.

    python3 tests/vectors/okamoto_uchiyama.py > tests/vectors/okamoto_uchiyama.txt

All keys and numbers follow from SHA-256 of their names, so that the file comes out the same each time. Lines, numbers in hexadecimal:
    key BITS P Q G               n = P^2 * Q of BITS bits, h = G^n mod n
    encrypt M R C                C = G^M * h^R mod n
    decrypt C M                  made with a random number of the modulus' length
    add C1 C2 C                  subtract C1 C2 C
    multiply C1 FACTOR C         FACTOR decimal
"""
import hashlib


def number(name, bits):
    stream = b''
    while 8 * len(stream) < bits:
        stream += hashlib.sha256(f'{name}/{len(stream)}'.encode()).digest()
    return int.from_bytes(stream, 'big') >> (8 * len(stream) - bits)


def is_prime(candidate):
    if any(candidate % small == 0 for small in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31)):
        return False
    rest, twos = candidate - 1, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    for base in range(2, 42):
        power = pow(base, rest, candidate)
        if power in (1, candidate - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % candidate
            if power == candidate - 1:
                break
        else:
            return False
    return True


def prime(name, bits):
    """The first prime that is 3 modulo 4 from a number with its three highest bits set."""
    candidate = number(name, bits) | 7 << (bits - 3) | 3
    while not is_prime(candidate):
        candidate += 4
    return candidate


def decrypt(ciphertext, p, generator):
    def logarithm(value):
        return (pow(value, p - 1, p * p) - 1) // p
    return logarithm(ciphertext) * pow(logarithm(generator), -1, p) % p


def write_key(bits, most, exponent_bits, many):
    prime_bits = (bits + 2) // 3
    p, q = prime(f'{bits} p', prime_bits), prime(f'{bits} q', bits - 2 * prime_bits)
    n = p * p * q
    assert n.bit_length() == bits
    g = number(f'{bits} g', bits - 1) ** 2 % n
    h = pow(g, n, n)
    print(f'key {bits} {p:x} {q:x} {g:x}')
    longest = (1 << exponent_bits) - 1
    messages = [0, 1, 2, (1 << most) - 1, 1 << (most - 1), 31, 32, 33, (1 << 62) - 1, 1 << 62]
    messages += [number(f'{bits} message {i}', most) for i in range(many)]
    exponents = [0, 1, longest, 1 << (exponent_bits - 1), 255, 256]
    exponents += [number(f'{bits} exponent {i}', exponent_bits) for i in range(len(messages))]
    ciphertexts = []
    for message, exponent in zip(messages, exponents):
        ciphertexts.append(pow(g, message, n) * pow(h, exponent, n) % n)
        assert decrypt(ciphertexts[-1], p, g) == message
        print(f'encrypt {message:x} {exponent:x} {ciphertexts[-1]:x}')
    for i, message in enumerate(messages):
        foreign = pow(g, message, n) * pow(number(f'{bits} foreign {i}', bits - 1), n, n) % n
        assert decrypt(foreign, p, g) == message
        print(f'decrypt {foreign:x} {message:x}')
    factors = [0, 1, -1, 2, -3, 255, 65537, -(1 << 31), (1 << 63) - 1, -(1 << 63)]
    for i, factor in enumerate(factors):
        one, other = ciphertexts[i], ciphertexts[(i + 1) % len(ciphertexts)]
        print(f'add {one:x} {other:x} {one * other % n:x}')
        print(f'subtract {one:x} {other:x} {one * pow(other, -1, n) % n:x}')
        print(f'multiply {one:x} {factor} {pow(one, factor, n):x}')


# Longest plaintexts and obfuscator exponents as src/crypto/okamoto_key.c has them.
for arguments in ((384, 112, 192, 20), (1024, 299, 512, 8), (2048, 554, 224, 2), (3072, 895, 256, 0), (4096, 1237, 304, 0)):
    write_key(*arguments)
