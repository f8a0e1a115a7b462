package pipelines

import "framewise/transforms"

// algorithmVersion goes into digests and dataset.json. Tests make it another.
var algorithmVersion = transforms.AlgorithmVersion
