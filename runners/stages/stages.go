package stages

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"framewise/corpus/files"
	"framewise/model/weights"
)

// A Stage makes something from something.
type Stage struct {
	Name string // for messages, and for force
	Key  string // under which it is remembered; "" = Name

	// Inputs is a digest of all that decides what the stage makes. It is asked
	// once the stages before have run.
	Inputs func() (string, error)
	// Outputs is a digest of what stands, or "" where that is not there or not
	// whole.
	Outputs func() (string, error)
	// Make makes it, or what is missing of it; reason is one of those below.
	Make func(ctx context.Context, reason string) error
}

// Outcome says what became of a stage.
type Outcome struct {
	Stage  string `json:"stage"`
	Made   bool   `json:"made"`   // false: kept as it stood
	Reason string `json:"reason"` // why it was made
}

// record is what is remembered of a stage that was made.
type record struct {
	Inputs  string `json:"inputs"`
	Outputs string `json:"outputs"`
}

// state is the file of records, by the key of the stage.
type state map[string]record

// Why a stage is made.
const (
	ReasonForced  = "asked for"
	ReasonNew     = "not made before"
	ReasonMissing = "what it made is gone or not whole"
	ReasonInputs  = "its inputs changed"
	ReasonChanged = "what it made was changed"
)

// Run goes through the stages in order and makes those that do not stand, or
// whose inputs or outputs are not those of the last time; force names stages
// that are made in any case. statePath is a JSON file in which digests are
// remembered from call to call. tell is called before and after each stage; it
// may be nil.
//
// A stage that fails ends the line; what was made before it stays, and is
// skipped the next time.
func Run(ctx context.Context, statePath string, line []Stage, force map[string]bool, tell func(Outcome, bool)) ([]Outcome, error) {
	if tell == nil {
		tell = func(Outcome, bool) {}
	}
	known, err := readState(statePath)
	if err != nil {
		return nil, err
	}
	var done []Outcome
	for _, s := range line {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		inputs, reason, err := s.judge(known, force[s.Name])
		if err != nil {
			return done, err
		}
		o := Outcome{Stage: s.Name, Made: reason != "", Reason: reason}
		tell(o, false)
		if o.Made {
			if err := s.make(ctx, inputs, reason, known); err != nil {
				return done, err
			}
			if err := writeState(statePath, known); err != nil {
				return done, err
			}
		}
		done = append(done, o)
		tell(o, true)
	}
	return done, nil
}

func (s Stage) key() string {
	if s.Key != "" {
		return s.Key
	}
	return s.Name
}

// judge says why a stage has to be made, or "" if it stands.
func (s Stage) judge(known state, forced bool) (inputs, reason string, err error) {
	if inputs, err = s.Inputs(); err != nil {
		return "", "", fmt.Errorf("%s: inputs: %w", s.Name, err)
	}
	outputs, err := s.Outputs()
	if err != nil {
		return "", "", fmt.Errorf("%s: outputs: %w", s.Name, err)
	}
	before, made := known[s.key()]
	switch {
	case forced:
		reason = ReasonForced
	case !made:
		reason = ReasonNew
	case outputs == "":
		reason = ReasonMissing
	case before.Inputs != inputs:
		reason = ReasonInputs
	case before.Outputs != outputs:
		reason = ReasonChanged
	}
	return inputs, reason, nil
}

// make makes a stage and notes what came of it.
func (s Stage) make(ctx context.Context, inputs, reason string, known state) error {
	delete(known, s.key())
	if err := s.Make(ctx, reason); err != nil {
		return fmt.Errorf("%s: %w", s.Name, err)
	}
	outputs, err := s.Outputs()
	if err != nil {
		return fmt.Errorf("%s: outputs: %w", s.Name, err)
	}
	if outputs == "" {
		return fmt.Errorf("%s: it ended without an error, but what it should have made is not there", s.Name)
	}
	known[s.key()] = record{Inputs: inputs, Outputs: outputs}
	return nil
}

func readState(path string) (state, error) {
	b, err := files.ReadRegular(path)
	if errors.Is(err, fs.ErrNotExist) {
		return state{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the state of the stages: %w", err)
	}
	var s state
	err = json.Unmarshal(b, &s)
	if err == nil && s == nil {
		err = errors.New("null, want an object of stages")
	}
	if err != nil {
		return nil, fmt.Errorf("read the state of the stages: %q: %w; remove it: every stage is then looked at anew, and builds and runs keep what stands", path, err)
	}
	return s, nil
}

func writeState(path string, s state) error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("write the state of the stages: %w", err)
	}
	if err := weights.WriteFile(path, append(b, '\n')); err != nil {
		return fmt.Errorf("write the state of the stages: %w", err)
	}
	return nil
}

// Digest is the SHA-256 of values as JSON, in hexadecimal.
func Digest(values ...any) (string, error) {
	h := sha256.New()
	for _, v := range values {
		b, err := json.Marshal(v)
		if err != nil {
			return "", fmt.Errorf("digest: %w", err)
		}
		h.Write(append(b, '\n'))
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// DigestFiles is the SHA-256 over the contents of files, in their order, or ""
// if one of them is not there.
func DigestFiles(paths ...string) (string, error) {
	all := sha256.New()
	for _, path := range paths {
		f, _, err := files.OpenRegular(path)
		if errors.Is(err, fs.ErrNotExist) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		one := sha256.New()
		_, err = io.Copy(one, f)
		if err := errors.Join(err, f.Close()); err != nil {
			return "", fmt.Errorf("read %q: %w", path, err)
		}
		all.Write(one.Sum(nil))
	}
	return hex.EncodeToString(all.Sum(nil)), nil
}
