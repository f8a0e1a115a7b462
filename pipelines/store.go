package pipelines

import "framewise/dataset"

// openStore is the store of a dataset. Tests put faults into it.
var openStore = dataset.OpenStore
