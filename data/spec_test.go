package data

import "testing"

func TestSpecCheck(t *testing.T) {
	for name, c := range map[string]struct {
		fields []Field
		right  bool
	}{
		"none":       {nil, true},
		"usual":      {[]Field{{Name: Target, Kind: Pixels, Shape: []int{28, 28, 1}}, {Name: Label, Kind: Classes}}, true},
		"zero":       {[]Field{{Name: Target, Kind: Vector, Shape: []int{0}}}, false},
		"negative":   {[]Field{{Name: Target, Kind: Vector, Shape: []int{-2, -2}}}, false},
		"overflow":   {[]Field{{Name: Target, Kind: Vector, Shape: []int{1 << 32, 1 << 32}}}, false},
		"huge":       {[]Field{{Name: Target, Kind: Vector, Shape: []int{1 << 20, 1 << 20}}}, false},
		"twice":      {[]Field{{Name: Target}, {Name: Target}}, false},
		"nameless":   {[]Field{{}}, false},
		"vocabulary": {[]Field{{Name: Target, Kind: Tokens, Shape: []int{4}, Vocabulary: -1}}, false},
	} {
		if err := (Spec{c.fields}).Check(); (err == nil) != c.right {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
