package tensorfile

// call does what one of the known functions would.
func (m *machine) call() error {
	arguments, err := m.pop()
	if err != nil {
		return err
	}
	function, err := m.pop()
	if err != nil {
		return err
	}
	given, ok := arguments.(tuple)
	if !ok {
		return errCut
	}
	switch function {
	case orderedDict:
		return m.push(&dict{})
	case parameter: // of data, whether it is trained, and hooks
		if len(given) > 0 {
			return m.push(given[0])
		}
	case rebuild: // of storage, offset, shape, strides, and more
		if v, ok := rebuilt(given); ok {
			return m.push(v)
		}
	}
	return errCut
}

func rebuilt(given tuple) (v view, ok bool) {
	if len(given) < 4 {
		return v, false
	}
	s, ok0 := given[0].(storage)
	offset, ok1 := given[1].(int)
	shape, ok2 := wholes(given[2])
	stride, ok3 := wholes(given[3])
	if !ok0 || !ok1 || !ok2 || !ok3 || len(shape) != len(stride) || len(shape) > mostRank || offset < 0 || offset > mostFile {
		return v, false
	}
	for _, n := range stride {
		if n < 0 || n > mostFile {
			return v, false
		}
	}
	return view{s, offset, shape, stride}, true
}

func wholes(value any) ([]int, bool) {
	items, ok := value.(tuple)
	if !ok || len(items) > mostRank {
		return nil, false
	}
	out := make([]int, len(items))
	for i, item := range items {
		if out[i], ok = item.(int); !ok {
			return nil, false
		}
	}
	return out, true
}

// persistent names a storage: ("storage", its class, its key, where it was, how many numbers it has).
func (m *machine) persistent() error {
	id, err := m.pop()
	if err != nil {
		return err
	}
	parts, ok := id.(tuple)
	if !ok || len(parts) < 5 {
		return errCut
	}
	class, ok0 := parts[1].(name)
	key, ok1 := parts[2].(string)
	n, ok2 := parts[4].(int)
	width, ok3 := widths[class]
	if !ok0 || !ok1 || !ok2 || !ok3 || n < 0 || n > mostFile {
		return errCut
	}
	s := storage{key: key, width: max(width, -width), n: n}
	if width > 0 {
		s.kind = string(class)[len("torch."):]
	}
	return m.push(s)
}
