package grammar

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"
)

// typed compiles a schema with a type, or one whose keywords imply the type.
func (c *compiler) typed(o *object, path string, depth int) (*node, error) {
	names, err := typesOf(o, path)
	if err != nil {
		return nil, err
	}
	var about []string // types that the keywords apply to
	for _, key := range o.keys {
		of := meant[key]
		if of == nil {
			continue
		}
		if slices.Contains(names, "number") && of[0] == "integer" {
			return nil, at(path, "%s is supported for integers, not for numbers", key)
		}
		if len(names) > 0 && !slices.Contains(names, of[0]) {
			return nil, at(path, "%s is about values of the type %s, but the type is %s", key, of[0], strings.Join(names, " or "))
		}
		if !slices.Contains(about, of[0]) {
			about = append(about, of[0])
		}
	}
	if len(names) == 0 {
		if names = about; len(names) != 1 {
			return nil, at(path, "want a type, or one of %s", strings.Join(deciding, ", "))
		}
		if names[0] == "integer" {
			return nil, at(path, "want a type beside minimum and maximum")
		}
	}
	var nodes []*node
	for _, name := range names {
		n, err := c.ofType(name, o, path, depth)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
	}
	return oneOf(nodes...), nil
}

func (c *compiler) ofType(name string, o *object, path string, depth int) (*node, error) {
	switch name {
	case "object":
		return c.object(o, path, depth)
	case "array":
		return c.array(o, path, depth)
	case "string":
		n := &node{kind: texts}
		err := n.sizes(o, path, "minLength", "maxLength", usualCharacters)
		n.shortest = plus(2, n.least)
		return n, err
	case "number":
		return &node{kind: numbers, shortest: 1}, nil
	case "integer":
		return integer(o, path)
	case "boolean":
		return literalsOf("true", "false"), nil
	}
	return literalsOf("null"), nil
}

func (c *compiler) object(o *object, path string, depth int) (*node, error) {
	if more, given := o.values["additionalProperties"]; given && more != true && more != false { // no more are written, which satisfies both
		return nil, at(path, "additionalProperties is supported as false or true; describe the members by properties")
	}
	members, ok := o.values["properties"].(*object)
	if _, given := o.values["properties"]; given && !ok {
		return nil, at(path, "want properties to be an object")
	}
	if !ok {
		members = &object{}
	}
	required, err := namesOf(o, path)
	if err != nil {
		return nil, err
	}
	n := &node{kind: objects}
	for _, key := range members.keys {
		value, err := c.schema(members.values[key], below(path, "properties", key), depth)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		encodeString(&b, key)
		n.properties = append(n.properties, property{b.String() + ":", value, required[key]})
		delete(required, key)
	}
	for _, name := range slices.Sorted(maps.Keys(required)) {
		return nil, at(path, "%s is required, but properties doesn't describe it", short(name))
	}
	n.measure()
	return n, nil
}

// namesOf are the required properties.
func namesOf(o *object, path string) (map[string]bool, error) {
	names := map[string]bool{}
	given, ok := o.values["required"]
	if !ok {
		return names, nil
	}
	list, ok := given.([]any)
	for _, v := range list {
		name, is := v.(string)
		ok = ok && is
		names[name] = true
	}
	if !ok {
		return nil, at(path, "want required to be a list of names")
	}
	return names, nil
}

func (c *compiler) array(o *object, path string, depth int) (*node, error) {
	if unique, ok := o.values["uniqueItems"]; ok && unique != false {
		return nil, at(path, "the keyword uniqueItems isn't supported")
	}
	items, ok := o.values["items"]
	if !ok {
		items = true
	}
	n := &node{kind: arrays}
	err := n.sizes(o, path, "minItems", "maxItems", usualItems)
	if err != nil {
		return nil, err
	}
	if n.items, err = c.schema(items, below(path, "items"), depth); err != nil {
		return nil, err
	}
	if n.items.shortest >= impossible {
		n.most = 0
	}
	n.shortest = plus(1, n.first())
	return n, nil
}

// sizes reads the limits of a size; the upper one has a default.
func (n *node) sizes(o *object, path, least, most string, usual int) (err error) {
	if n.least, err = sizeOf(o, path, least, 0); err != nil {
		return err
	}
	if n.most, err = sizeOf(o, path, most, max(usual, n.least)); err != nil {
		return err
	}
	if n.least > n.most {
		return at(path, "%s is %d, which is more than %s, %d", least, n.least, most, n.most)
	}
	return nil
}

func sizeOf(o *object, path, key string, usual int) (int, error) {
	v, ok := o.values[key]
	if !ok {
		return usual, nil
	}
	number, _ := v.(json.Number)
	f, err := number.Float64()
	if err != nil || f < 0 || f > mostLength || f != math.Trunc(f) {
		return 0, at(path, "want %s to be a whole number, 0 to %d", key, mostLength)
	}
	return int(f), nil
}

// integer is the node for integers between the limits.
func integer(o *object, path string) (*node, error) {
	const most = 1e15 - 1 // has mostDigits digits
	n := &node{kind: integers, low: -most, high: most}
	for _, bound := range []struct {
		key          string
		lower, apart bool
	}{{"minimum", true, false}, {"exclusiveMinimum", true, true}, {"maximum", false, false}, {"exclusiveMaximum", false, true}} {
		v, ok := o.values[bound.key]
		if !ok {
			continue
		}
		number, _ := v.(json.Number)
		f, err := number.Float64()
		if err != nil {
			return nil, at(path, "want %s to be a number", bound.key)
		}
		if math.Abs(f) > most {
			f = math.Copysign(most+1, f)
			bound.apart = false
		}
		if bound.lower {
			to := math.Ceil(f)
			if bound.apart && to == f {
				to++
			}
			n.low = max(n.low, int64(to))
		} else {
			to := math.Floor(f)
			if bound.apart && to == f {
				to--
			}
			n.high = min(n.high, int64(to))
		}
	}
	if n.low > n.high {
		return nil, at(path, "no integer of at most %d digits lies between the bounds", mostDigits)
	}
	n.shortest = n.shortestInteger()
	return n, nil
}

// shortestInteger is the length of the shortest one.
func (n *node) shortestInteger() int {
	shortest := impossible
	if more := n.digitsTo(false, 0, 0); more >= 0 {
		shortest = more
	}
	if more := n.digitsTo(true, 0, 0); more >= 0 {
		shortest = min(shortest, more+1)
	}
	return shortest
}

// digitsTo is the smallest number of digits that must follow a prefix, given its digits and value,
// for an integer between the limits; -1 if there is none.
func (n *node) digitsTo(negative bool, value int64, digits int) int {
	low, high := n.low, n.high
	if negative {
		low, high = max(-n.high, 1), -n.low
	}
	if low = max(low, 0); low > high {
		return -1
	}
	power := int64(1)
	for more := 0; digits+more <= mostDigits; more++ {
		from, to := value*power, value*power+power-1
		if digits == 0 && more > 1 {
			from = power / 10 // no leading zero
		}
		if digits+more > 0 && from <= high && to >= low {
			return more
		}
		if digits > 0 && value == 0 {
			break
		}
		power *= 10
	}
	return -1
}
