#!/usr/bin/env python3
"""Seconds of epochs of a perceptron by PyTorch on one thread: SGD, cross entropy, ReLU, rows in order, as bench/horizontal_perceptron.c.

usage: horizontal_torch.py RUNS ROWS BATCH INPUTS UNITS UNITS OUTPUTS     Prints RUNS numbers. Exit code 3: PyTorch is not installed."""
import sys
import time

try:
    import torch
except ImportError:
    sys.exit(3)

runs, rows, batch, *sizes = (int(word) for word in sys.argv[1:])
torch.set_num_threads(1)
torch.manual_seed(1)
layers = []
for before, after in zip(sizes, sizes[1:]):
    layers += [torch.nn.Linear(before, after), torch.nn.ReLU()]
network = torch.nn.Sequential(*layers[:-1])
optimiser = torch.optim.SGD(network.parameters(), lr=0.01)
loss = torch.nn.CrossEntropyLoss()
inputs = torch.rand(rows, sizes[0]) * 2 - 1
labels = torch.arange(rows) * 7 % 10
for run in range(runs + 1):
    began = time.monotonic()
    for first in range(0, rows, batch):
        optimiser.zero_grad()
        loss(network(inputs[first:first + batch]), labels[first:first + batch]).backward()
        optimiser.step()
    if run > 0:
        print(time.monotonic() - began, flush=True)
