package dataset

// apart looks for utterances that are a part of examples of two splits, each of
// which is one finding of the later split's shard.
func (v *verifier) apart(split, path string) func(ex *Example) {
	if v.splits == nil {
		v.splits = map[string]string{}
	}
	return func(ex *Example) {
		for i := range ex.Parts {
			id := ex.Parts[i].Utterance
			switch first, seen := v.splits[id]; {
			case !seen:
				v.splits[id] = split
			case first != split && first != "":
				v.find(path, "%q is made of the utterance %q, of which an example of %s is made too", ex.ID, id, first)
				v.splits[id] = "" // said once
			}
		}
	}
}
