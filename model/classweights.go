package model

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Rules of class weights.
const (
	WeightsNone        = "none"
	WeightsInverse     = "inverse"
	WeightsSqrtInverse = "sqrt_inverse"
)

// ClassWeights is `loss.class_weights`: the name of a rule, or a mapping from
// labels, as they are after folding, to weights, kept as one line of YAML.
// "" is none.
type ClassWeights string

// UnmarshalYAML reads the name of a rule or a mapping.
func (c *ClassWeights) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		var rule string
		if err := n.Decode(&rule); err != nil {
			return err
		}
		*c = ClassWeights(rule)
		return nil
	}
	var weights map[string]float64
	if err := n.Decode(&weights); err != nil {
		return err
	}
	node, err := mappingNode(weights)
	if err != nil {
		return err
	}
	text, err := yaml.Marshal(node)
	*c = ClassWeights(strings.TrimSpace(string(text)))
	return err
}

// MarshalYAML writes what UnmarshalYAML reads.
func (c ClassWeights) MarshalYAML() (any, error) {
	weights, err := c.mapping()
	if weights == nil {
		if c == "" {
			return WeightsNone, nil
		}
		return string(c), err
	}
	return mappingNode(weights)
}

// mappingNode is weights in the order of their labels, on one line.
func mappingNode(weights map[string]float64) (*yaml.Node, error) {
	node := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	for _, label := range slices.Sorted(maps.Keys(weights)) {
		var key, value yaml.Node
		if err := key.Encode(label); err != nil {
			return nil, err
		}
		if err := value.Encode(weights[label]); err != nil {
			return nil, err
		}
		node.Content = append(node.Content, &key, &value)
	}
	return node, nil
}

// mapping is the weights by label, nil if c names a rule.
func (c ClassWeights) mapping() (map[string]float64, error) {
	if !strings.HasPrefix(string(c), "{") {
		return nil, nil
	}
	weights := map[string]float64{}
	err := yaml.Unmarshal([]byte(c), &weights)
	return weights, err
}

// None says whether all classes weigh the same.
func (c ClassWeights) None() bool { return c == "" || c == WeightsNone }

// Validate reports an unknown rule and weights that are none.
func (c ClassWeights) Validate() error {
	weights, err := c.mapping()
	if err != nil {
		return fmt.Errorf("loss.class_weights: %w", err)
	}
	if weights == nil {
		switch c {
		case "", WeightsNone, WeightsInverse, WeightsSqrtInverse:
			return nil
		}
		return fmt.Errorf("loss.class_weights: %q, want %s, %s, %s or a mapping from labels to weights", string(c), WeightsNone, WeightsInverse, WeightsSqrtInverse)
	}
	for _, label := range slices.Sorted(maps.Keys(weights)) {
		if w := weights[label]; !(w >= 0) || math.IsInf(w, 1) {
			return fmt.Errorf("loss.class_weights: %s: %g, want 0 or more", label, w)
		}
	}
	return nil
}

// Of computes the weight of each class from the frames that it has in training,
// nil for none:
//
//	inverse        N / (C n_k)        for N frames of C classes that occur, n_k of class k
//	sqrt_inverse   s / sqrt(n_k)
//	a mapping      s w_k              w_k = 1 where it names none
//
// with s such that the frames of training weigh 1 on average; inverse does so by
// itself, and is what scikit-learn calls balanced. The scale changes no gradient,
// since the loss is divided by the weights of its frames; with it the mean loss
// of an epoch is comparable to that without weights. A class without frames has
// the weight 0: no target is of it, and label smoothing spreads nothing to it.
func (c ClassWeights) Of(labels []string, frames []int64) ([]float64, error) {
	if c.None() {
		return nil, nil
	}
	given, err := c.mapping()
	if err != nil {
		return nil, fmt.Errorf("loss.class_weights: %w", err)
	}
	for _, label := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(labels, label) {
			return nil, fmt.Errorf("loss.class_weights: no class is called %q; there are %s", label, strings.Join(labels, ", "))
		}
	}
	weights := make([]float64, len(labels))
	var total, weighted float64
	for k, n := range frames {
		if n == 0 {
			continue
		}
		w := 1.0
		switch c {
		case WeightsInverse:
			w = 1 / float64(n)
		case WeightsSqrtInverse:
			w = 1 / math.Sqrt(float64(n))
		default:
			if v, ok := given[labels[k]]; ok {
				w = v
			}
		}
		weights[k] = w
		total += float64(n)
		weighted += w * float64(n)
	}
	if weighted == 0 {
		return nil, fmt.Errorf("loss.class_weights: no frame of training weighs anything")
	}
	for k := range weights {
		weights[k] *= total / weighted
	}
	return weights, nil
}
