package pipelines

import (
	"fmt"

	"framewise/augment"
	"framewise/corpus"
	"framewise/dataset"
)

// Job is what every DoFn of a build knows: it travels to the workers as JSON.
type Job struct {
	ID       string           `json:"id"`       // of the build, within this process
	Manifest string           `json:"manifest"` // path
	Out      string           `json:"out"`      // folder
	Config   BuildConfig      `json:"config"`
	Rate     int              `json:"rate"` // Hz
	Labels   *corpus.LabelSet `json:"labels"`
	Members  int              `json:"members"` // usable utterances
	Skip     []byte           `json:"skip"`    // a bit for every line of the manifest: rejected
	Ranges   []ManifestRange  `json:"ranges"`  // of the manifest, in order
	Shards   []SplitShards    `json:"shards"`
	Checks   []Check          `json:"checks"`  // what the survey planned, by shard over all splits
	Sounds   soundLists       `json:"sounds"`  // that effects draw from
	Workers  int              `json:"workers"` // examples made at once, in a process
}

// SplitShards is the number of shards of a split.
type SplitShards struct {
	Split  string `json:"split"`
	Shards int    `json:"shards"`
}

// newJob is the job of a survey.
func newJob(s *Survey, id, out string, workers int) Job {
	j := Job{ID: id, Manifest: s.Manifest, Out: out, Config: s.Config, Rate: s.Rate, Labels: s.Labels,
		Members: len(s.Members), Skip: s.skip, Ranges: s.ranges, Sounds: s.sounds, Workers: workers}
	for _, p := range s.plans {
		j.Shards = append(j.Shards, SplitShards{p.Split, p.Shards})
		j.Checks = append(j.Checks, s.checks[p.Split]...)
	}
	return j
}

// numShards is the number of shards of all splits together.
func (j *Job) numShards() int {
	n := 0
	for _, s := range j.Shards {
		n += s.Shards
	}
	return n
}

// shardOf is the number of an example's shard, counted over all splits.
func (j *Job) shardOf(split, id string) (int, error) {
	first := 0
	for _, s := range j.Shards {
		if s.Split == split {
			return first + dataset.ShardOf(id, s.Shards), nil
		}
		first += s.Shards
	}
	return 0, fmt.Errorf("example %q is planned for split %q, which has no shards", id, split)
}

// place says which shard of which split a number counted over all splits is.
func (j *Job) place(number int) (split string, shard, shards int, err error) {
	rest := number
	for _, s := range j.Shards {
		if rest < s.Shards {
			return s.Split, rest, s.Shards, nil
		}
		rest -= s.Shards
	}
	return "", 0, 0, fmt.Errorf("shard %d of %d in all", number, j.numShards())
}

// check holds the recipes of a shard against what the survey planned.
func (j *Job) check(number int, recipes []augment.Recipe) error {
	var got Check
	for _, r := range recipes {
		got.add(dataset.RowKey(r.ID))
	}
	if want := j.Checks[number]; got != want {
		return fmt.Errorf("%d recipes with checksum %x arrived, the survey planned %d with %x", got.Examples, got.Sum, want.Examples, want.Sum)
	}
	return nil
}
