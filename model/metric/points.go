package metric

import "atelier/model/feature"

type pointsKey struct {
	space, set string
	n, draw    int
}

var _ map[pointsKey]feature.Points
