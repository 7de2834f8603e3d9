import { describe, expect, it, test } from 'vitest';
import { classifyScoring, classifyTraining, crashSentence, type TrainingEnd } from '../../src/domain/crash.ts';

const END: TrainingEnd = {
  reason: 'exited',
  code: 1,
  signal: null,
  oomKilled: false,
  isOwnSignal: false,
  deviceLost: false,
  deviceShared: false,
  log: '',
};
const training = (more: Partial<TrainingEnd>) => classifyTraining({ ...END, ...more });
const killed = (more: Partial<TrainingEnd> = {}) => training({ code: null, signal: 'SIGKILL', ...more });
const scoring = (words: string, log = '', broke?: Parameters<typeof classifyScoring>[0]['broke']) =>
  classifyScoring({ words, log, broke });
const inWords = (name: Parameters<typeof crashSentence>[0]) => crashSentence(name, 'exited with code 1');
const traceback = (last: string): string =>
  `step 1 | loss: 2.5\nTraceback (most recent call last):\n  File "train.py", line 3, in <module>\n    main()\n${last}\n`;

describe('what a training printed last decides the class', () => {
  it.each([
    ['import', "ModuleNotFoundError: No module named 'torch'"],
    ['import', "ImportError: cannot import name 'Adam' from 'optim'"],
    ['import', 'ImportError: libcudart.so.12: cannot open shared object file: No such file or directory'],
    ['import', 'python: error while loading shared libraries: libpython3.11.so: cannot open shared object file'],
    ['compile', 'SyntaxError: invalid syntax'],
    ['compile', 'IndentationError: unexpected indent'],
    ['compile', 'torch._dynamo.exc.BackendCompilerFailed: backend=inductor raised'],
    ['compile', 'triton.compiler.errors.CompilationError: at 12:4'],
    ['compile', "nvcc fatal   : Unsupported gpu architecture 'compute_20'"],
    ['oom', 'MemoryError'],
    [
      'oom',
      'numpy._core._exceptions._ArrayMemoryError: Unable to allocate 7.45 GiB for an array with shape (1000000000,)',
    ],
    [
      'oom',
      'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.\nGPU 0 has a total capacity of 79 GiB',
    ],
    ['oom', 'RuntimeError: CUDA error: out of memory'],
    ['oom', 'jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate'],
    ['oom', "terminate called after throwing an instance of 'std::bad_alloc'"],
    ['oom', "RuntimeError: [enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"],
    ['data', "FileNotFoundError: [Errno 2] No such file or directory: 'data/train.bin'"],
    ['data', 'cat: data/train.bin: No such file or directory'],
    ['assertion', 'AssertionError: 65 is not 64'],
    ['assertion', "train: model.c:12: main: Assertion `n > 0' failed."],
    ['assertion', 'RuntimeError: CUDA error: device-side assert triggered'],
    ['nan', 'ValueError: Input contains NaN, infinity or a value too large'],
    ['nan', 'FAIL: the loss is no number'],
    ['unknown', 'ValueError: boom'],
    ['unknown', 'RuntimeError: information about infants'],
  ] as const)('%s: %s', (name, last) => {
    expect(training({ log: traceback(last) })).toEqual({ class: name, fault: 'idea' });
  });

  it('takes the last error, not one that was handled before it', () => {
    const log = `${traceback("FileNotFoundError: 'cache'")}\nDuring handling of the above exception:\n\n${traceback('ValueError: boom')}`;
    expect(training({ log })).toMatchObject({ class: 'unknown' });
  });

  it('does not explain an end by a warning at its start', () => {
    const log = `warning: flash_attn: No such file or directory\n${'step 1\n'.repeat(20)}Segmentation fault\n`;
    expect(training({ log, code: 139 })).toMatchObject({ class: 'unknown' });
  });

  it.each(['step 9 | loss: nan', 'step 9 train_loss=inf', '{"loss": NaN}', 'loss -Infinity'])(
    'takes %j before any end for NaN',
    (line) => {
      expect(training({ log: `step 1 | loss: 2\n${line}\n${traceback('ValueError: boom').slice(19)}` })).toEqual({
        class: 'nan',
        fault: 'idea',
      });
    },
  );

  it('forgives a loss that was infinite once and is a number again', () => {
    expect(training({ log: 'step 1 loss: inf\nstep 2 loss: 3.5\nexit' })).toMatchObject({ class: 'unknown' });
  });
});

describe('how it ended decides before what it printed', () => {
  it.each([
    ['timeout', 'idea', { reason: 'deadline', code: null, signal: 'SIGTERM' }],
    ['stall', 'idea', { reason: 'stalled', code: null, signal: 'SIGKILL' }],
    ['killed-by-machine', 'machine', { signal: 'SIGKILL', code: null }],
    ['killed-by-machine', 'machine', { signal: 'SIGTERM', code: null }],
    ['killed-by-machine', 'machine', { code: 137 }],
    ['killed-by-machine', 'machine', { deviceLost: true }],
    ['killed-by-machine', 'machine', { reason: 'stalled', deviceLost: true }],
    ['unknown', 'idea', { signal: 'SIGKILL', code: null, isOwnSignal: true }],
    ['oom', 'idea', { signal: 'SIGKILL', code: null, oomKilled: true }],
    ['oom', 'idea', { signal: 'SIGKILL', code: null, oomKilled: true, isOwnSignal: true }],
    ['oom', 'idea', { code: 137, oomKilled: true }],
    ['unknown', 'idea', { signal: 'SIGSEGV', code: null }],
    ['unknown', 'idea', { reason: 'stopped', signal: 'SIGKILL', code: null }],
  ] as const)('%s, the fault of the %s: %o', (name, fault, end) => {
    expect(training(end)).toEqual({ class: name, fault });
  });

  it('takes a kill for out of memory when the log says so, although the kernel kept silent', () => {
    expect(killed({ log: traceback('MemoryError') })).toEqual({ class: 'oom', fault: 'idea' });
  });

  it("takes a loader process that the kernel killed for the training's own hunger", () => {
    const log = traceback('RuntimeError: DataLoader worker (pid 12) is killed by signal: Killed.');
    expect(training({ log, oomKilled: true })).toEqual({ class: 'oom', fault: 'idea' });
    expect(training({ log: traceback('ValueError: boom'), oomKilled: true })).toMatchObject({ class: 'unknown' });
  });
});

describe('only the supervisor can blame the machine', () => {
  it("blames it for the GPU's memory when somebody had some before the training began", () => {
    const log = traceback('torch.OutOfMemoryError: CUDA out of memory.');
    expect(training({ log, deviceShared: true })).toEqual({ class: 'oom', fault: 'machine' });
    expect(training({ log, deviceShared: false })).toEqual({ class: 'oom', fault: 'idea' });
    expect(training({ log: traceback('MemoryError'), deviceShared: true })).toEqual({ class: 'oom', fault: 'idea' });
  });

  it('never for anything that is printed', () => {
    const log = 'killed-by-machine\nthe machine was lost\nterminated by SIGKILL\nGPU has fallen off the bus\n';
    expect(training({ log })).toMatchObject({ fault: 'idea' });
  });
});

describe('what a scorer says of a candidate', () => {
  it.each([
    ['nan', 'Expected finite logits from predict, got NaN or infinity.'],
    ['nan', 'Expected `loss` to be a finite number, got nan.'],
    ['data', "FileNotFoundError: [Errno 2] No such file or directory: 'out/model.npz'"],
    ['oom', 'CUDA out of memory'],
    ['unknown', 'Expected a line with `loss`, got none.'],
  ] as const)('is %s: %s', (name, words) => {
    expect(scoring(words)).toEqual({ class: name, fault: 'idea' });
  });

  it('is explained by the last loss of the training where it says nothing itself', () => {
    expect(scoring('Expected a line with `loss`, got none.', 'step 3 loss: nan')).toMatchObject({ class: 'nan' });
  });

  it('is a time-out when it never came', () => {
    expect(scoring('scoring took longer than 3 s', 'loss: nan', 'seconds')).toEqual({
      class: 'timeout',
      fault: 'idea',
    });
    expect(scoring('scoring took more than 9 GB of memory', 'loss: nan', 'memory')).toMatchObject({ class: 'oom' });
    expect(scoring('scoring had too many processes', 'loss: nan', 'processes')).toMatchObject({ class: 'unknown' });
  });
});

test('a crash in words begins with its class, unless the sentence says it, and names the machine where it is to blame', () => {
  expect(inWords({ class: 'oom', fault: 'idea' })).toBe('out of memory: exited with code 1');
  expect(inWords({ class: 'killed-by-machine', fault: 'machine' })).toBe(
    "killed from outside (the machine's fault): exited with code 1",
  );
  expect(inWords({ class: 'unknown', fault: 'idea' })).toBe('exited with code 1');
  expect(inWords(undefined)).toBe('exited with code 1');
});
