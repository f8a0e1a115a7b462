package draw

// Made by testdata/make_golden.py.

const goldenKey = 0x8be879b824b58e3b

var goldenStream = []uint64{0x85da86c39fba3de6, 0xe0eb2360542b37d9, 0x54f00f2f655da5f6, 0x26085710d2ea0874}
