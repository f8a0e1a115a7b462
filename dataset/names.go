package dataset

import (
	"fmt"
	"path"
	"strings"

	"framewise/corpus/draw"
)

// Names of the files of a dataset, relative to its folder, with forward
// slashes.
const (
	ManifestName = "dataset.json"
	RejectsName  = "rejects.jsonl"
	ConfigName   = "build.yaml"
	sidecarDir   = ".build"
	shardSuffix  = ".arrow"
)

// RowKey is the hash that gives an example its shard and its place there: the
// draw of purpose "shard" with seed 0 and copy 0.
func RowKey(id string) uint64 { return uint64(draw.New(0, "shard", id, 0)) }

// ShardOf is the number of the shard, of n, that holds the example: RowKey
// mod n. It panics if n < 1.
func ShardOf(id string, n int) int {
	if n < 1 {
		panic(fmt.Sprintf("dataset: ShardOf %d shards, want at least 1", n))
	}
	return int(RowKey(id) % uint64(n))
}

// RowLess says whether example a stands before example b in a shard: by
// RowKey, and by the bytes of the ids where two keys are equal.
func RowLess(a, b string) bool { return rowLess(RowKey(a), RowKey(b), a, b) }

func rowLess(keyA, keyB uint64, a, b string) bool {
	if keyA != keyB {
		return keyA < keyB
	}
	return a < b
}

// ShardName is the path of shard i of n of a split: train/shard-00000-of-00016.arrow.
func ShardName(split string, i, n int) string {
	return path.Join(split, fmt.Sprintf("shard-%05d-of-%05d%s", i, n, shardSuffix))
}

// SidecarName is the path of the ShardResult of shard i of n of a split.
func SidecarName(split string, i, n int) string {
	return path.Join(sidecarDir, strings.TrimSuffix(ShardName(split, i, n), shardSuffix)+".json")
}
