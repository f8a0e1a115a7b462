"""Times PyTorch's CTC loss with its gradient, on one thread, at the size of BenchmarkCTC.

Run as `python3 bench_ctc.py [steps]`; beside it, in turns,
`GOMAXPROCS=1 go test -run '^$' -bench 'CTC/1' ./model/nn`.
"""

import sys
import time

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.manual_seed(0)
T, B, K, U = 400, 32, 62, 50
z = torch.randn(T, B, K, requires_grad=True)
targets = torch.tensor([[(i * 7 + u) % (K - 1) for i in range(U)] for u in range(B)])
lens, sizes = torch.full((B,), T), torch.full((B,), U)


def step():
    z.grad = None
    F.ctc_loss(z.log_softmax(2), targets, lens, sizes, blank=K - 1, zero_infinity=True).backward()


for _ in range(3):
    step()
walls, cpu = [], time.process_time()
for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 20):
    begin = time.perf_counter()
    step()
    walls.append(1e3 * (time.perf_counter() - begin))
cpu = 1e3 * (time.process_time() - cpu) / len(walls)
walls.sort()
print(f"torch {torch.__version__}: median {walls[len(walls) // 2]:.1f} ms, least {walls[0]:.1f} ms, CPU {cpu:.1f} ms a step")
