package cpu

import "github.com/gomlx/compute"

// The interface returns one, two or many values; a node has a list of them.

func list(v compute.Value, err error) ([]compute.Value, error) { return []compute.Value{v}, err }

func listTwo(v, w compute.Value, err error) ([]compute.Value, error) {
	return []compute.Value{v, w}, err
}

func first(v []compute.Value, err error) (compute.Value, error) {
	if err != nil {
		return nil, err
	}
	return v[0], nil
}

func firstTwo(v []compute.Value, err error) (compute.Value, compute.Value, error) {
	if err != nil {
		return nil, nil, err
	}
	return v[0], v[1], nil
}
