#!/usr/bin/env python3
"""Writes tests/vectors/paillier.txt: known answers for Paillier, computed by python-paillier (package phe, 1.5).

    python3 tests/vectors/paillier.py > tests/vectors/paillier.txt

All keys and numbers follow from SHA-256 of their names, so that the file comes out the same each time. An obfuscator of libfate is
h_s^r = (h^r)^n mod n^2 with h = -x^2 mod n: python-paillier gets h^r mod n as its random number. Lines, numbers in hexadecimal:
    key BITS P Q X BASE          BASE = h_s
    encrypt M R C                C = (1+n)^M * h_s^R mod n^2
    decrypt C M
    add C1 C2 C                  multiply C1 FACTOR C (FACTOR decimal)
"""
import hashlib
from phe import paillier
from phe.util import is_prime


def number(name, bits):
    stream = b''
    while 8 * len(stream) < bits:
        stream += hashlib.sha256(f'{name}/{len(stream)}'.encode()).digest()
    return int.from_bytes(stream, 'big') >> (8 * len(stream) - bits)


def prime(name, bits):
    """The first prime that is 3 modulo 4 from a number with its two highest bits set."""
    candidate = number(name, bits) | 3 << (bits - 2) | 3
    while not is_prime(candidate):
        candidate += 4
    return candidate


def write_key(bits, many):
    p, q = prime(f'{bits} p', bits // 2), prime(f'{bits} q', bits // 2)
    public = paillier.PaillierPublicKey(p * q)
    private = paillier.PaillierPrivateKey(public, p, q)
    n = public.n
    assert n.bit_length() == bits
    x = number(f'{bits} x', bits - 1)
    h = -x * x % n
    print(f'key {bits} {p:x} {q:x} {x:x} {public.raw_encrypt(0, r_value=h):x}')
    longest = (1 << bits // 2) - 1
    messages = [0, 1, 2, n - 1, n - 2, n // 2, n // 2 + 1, p, q, n - p, (1 << 64) - 1, 1 << 64]
    messages += [number(f'{bits} message {i}', bits - 1) for i in range(many)]
    exponents = [0, 1, longest, 1 << (bits // 2 - 1), 255] + [number(f'{bits} exponent {i}', bits // 2) for i in range(len(messages))]
    ciphertexts = []
    for message, exponent in zip(messages, exponents):
        ciphertexts.append(public.raw_encrypt(message, r_value=pow(h, exponent, n)))
        print(f'encrypt {message:x} {exponent:x} {ciphertexts[-1]:x}')
    for i, message in enumerate(messages):
        foreign = public.raw_encrypt(message, r_value=number(f'{bits} foreign {i}', bits - 1))
        assert private.raw_decrypt(foreign) == message
        print(f'decrypt {foreign:x} {message:x}')
    for value in [n + 1, n * n - 1, 2]:
        print(f'decrypt {value:x} {private.raw_decrypt(value):x}')
    factors = [0, 1, -1, 2, -3, 255, 65537, -(1 << 31), (1 << 63) - 1, -(1 << 63)]
    for i, factor in enumerate(factors):
        one, other = ciphertexts[i], ciphertexts[i + 1]
        encrypted = paillier.EncryptedNumber(public, one)
        print(f'add {one:x} {other:x} {encrypted._raw_add(one, other):x}')
        print(f'multiply {one:x} {factor} {encrypted._raw_mul(factor % n):x}')  # inverts where the factor is in the upper third


for bits, many in ((256, 20), (512, 8), (2048, 2), (3072, 0), (4096, 0)):
    write_key(bits, many)
