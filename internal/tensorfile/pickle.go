package tensorfile

import (
	"bytes"
	"encoding/binary"
	"math"

	"atelier/internal/badinput"
)

// The values of a pickle: nil, bool, int, float64, string, tuple, *list, *dict, name, storage and
// view.
type (
	tuple []any
	list  struct{ items []any }
	dict  struct{ keys, values []any }
	name  string // of a function or a class
	mark  struct{}
)

// widths are the bytes of a number of the storages that can be read; the others, of whole
// numbers, are known and left out.
var widths = map[name]int{
	"torch.FloatStorage": 4, "torch.DoubleStorage": 8, "torch.HalfStorage": 2, "torch.BFloat16Storage": 2,
	"torch.LongStorage": -8, "torch.IntStorage": -4, "torch.ShortStorage": -2, "torch.ByteStorage": -1, "torch.CharStorage": -1, "torch.BoolStorage": -1,
}

// The functions that tensors need.
const (
	orderedDict name = "collections.OrderedDict"
	rebuild     name = "torch._utils._rebuild_tensor_v2"
	parameter   name = "torch._utils._rebuild_parameter"
)

// A machine reads one pickle. It knows the opcodes and names that tensors need, and runs nothing.
type machine struct {
	b     []byte
	stack []any
	memo  map[int]any
}

// errCut reports a pickle that ends too early.
var errCut = badinput.Errorf("a damaged pickle: it ends too early or lacks what its opcodes take")

// unpickle reads one pickle and returns what follows it.
func unpickle(b []byte) (value any, rest []byte, err error) {
	m := &machine{b: b, memo: map[int]any{}}
	for {
		op, err := m.take(1)
		if err != nil {
			return nil, nil, err
		}
		if op[0] == '.' {
			v, err := m.pop()
			return v, m.b, err
		}
		if err := m.step(op[0]); err != nil {
			return nil, nil, err
		}
	}
}

// take takes so many bytes.
func (m *machine) take(n int) ([]byte, error) {
	if n < 0 || n > len(m.b) {
		return nil, errCut
	}
	out := m.b[:n]
	m.b = m.b[n:]
	return out, nil
}

// whole takes a whole number of so many bytes, without sign.
func (m *machine) whole(n int) (int, error) {
	b, err := m.take(n)
	if err != nil {
		return 0, err
	}
	var wide [8]byte
	copy(wide[:], b)
	v := binary.LittleEndian.Uint64(wide[:])
	if v > math.MaxInt64 {
		return 0, errCut
	}
	return int(v), nil
}

func (m *machine) push(v any) error { m.stack = append(m.stack, v); return nil }

func (m *machine) pop() (any, error) {
	if len(m.stack) == 0 {
		return nil, errCut
	}
	v := m.stack[len(m.stack)-1]
	m.stack = m.stack[:len(m.stack)-1]
	return v, nil
}

// toMark takes what was pushed since the last mark.
func (m *machine) toMark() ([]any, error) {
	for i := len(m.stack) - 1; i >= 0; i-- {
		if _, ok := m.stack[i].(mark); ok {
			items := append([]any(nil), m.stack[i+1:]...)
			m.stack = m.stack[:i]
			return items, nil
		}
	}
	return nil, errCut
}

// step does what an opcode says (pickletools.py of Python).
func (m *machine) step(op byte) error {
	switch op {
	case 0x80: // PROTO
		_, err := m.take(1)
		return err
	case 0x95: // FRAME
		_, err := m.take(8)
		return err
	case '(':
		return m.push(mark{})
	case '}':
		return m.push(&dict{})
	case ']':
		return m.push(&list{})
	case ')':
		return m.push(tuple{})
	case 'N':
		return m.push(nil)
	case 0x88:
		return m.push(true)
	case 0x89:
		return m.push(false)
	case 'K', 'M', 'J', 0x8a, 'G', 'X', 0x8c:
		return m.literal(op)
	case 'q', 'r', 0x94, 'h', 'j':
		return m.remember(op)
	case 't', 0x85, 0x86, 0x87:
		return m.tuple(op)
	case 's', 'u', 'a', 'e':
		return m.fill(op)
	case 'c', 0x93:
		return m.global(op)
	case 'R':
		return m.call()
	case 'Q':
		return m.persistent()
	case 'b': // BUILD: attributes of a dict, which no tensor needs
		_, err := m.pop()
		return err
	}
	return badinput.Errorf("the pickle uses the opcode 0x%02x, which no tensor needs; nothing was run", op)
}

func (m *machine) literal(op byte) error {
	width := map[byte]int{'K': 1, 'M': 2, 'J': 4, 'X': 4, 0x8c: 1, 0x8a: 1, 'G': 0}[op]
	n, err := m.whole(width)
	if err != nil {
		return err
	}
	switch op {
	case 'K', 'M':
		return m.push(n)
	case 'J':
		return m.push(int(int32(uint32(n))))
	case 'G':
		b, err := m.take(8)
		if err != nil {
			return err
		}
		return m.push(math.Float64frombits(binary.BigEndian.Uint64(b)))
	}
	b, err := m.take(n)
	if err != nil {
		return err
	}
	if op != 0x8a {
		return m.push(string(b))
	}
	var wide [8]byte // LONG1; a greater one, such as the magic number, is no size
	if len(b) > 0 && b[len(b)-1]&0x80 != 0 {
		wide = [8]byte{255, 255, 255, 255, 255, 255, 255, 255}
	}
	copy(wide[:], b)
	return m.push(int(int64(binary.LittleEndian.Uint64(wide[:]))))
}

func (m *machine) remember(op byte) error {
	index := len(m.memo)
	if width := map[byte]int{'q': 1, 'h': 1, 'r': 4, 'j': 4}[op]; width > 0 {
		var err error
		if index, err = m.whole(width); err != nil {
			return err
		}
	}
	if op == 'h' || op == 'j' {
		v, ok := m.memo[index]
		if !ok {
			return errCut
		}
		return m.push(v)
	}
	if len(m.stack) == 0 {
		return errCut
	}
	m.memo[index] = m.stack[len(m.stack)-1]
	return nil
}

func (m *machine) tuple(op byte) error {
	if op == 't' {
		items, err := m.toMark()
		if err != nil {
			return err
		}
		return m.push(tuple(items))
	}
	n := int(op-0x85) + 1
	if len(m.stack) < n {
		return errCut
	}
	items := append(tuple(nil), m.stack[len(m.stack)-n:]...)
	m.stack = m.stack[:len(m.stack)-n]
	return m.push(items)
}

// fill puts items into a list or a dict.
func (m *machine) fill(op byte) error {
	var items []any
	var err error
	switch n := map[byte]int{'s': 2, 'a': 1}[op]; {
	case n == 0:
		items, err = m.toMark()
	case len(m.stack) < n:
		err = errCut
	default:
		items = append(items, m.stack[len(m.stack)-n:]...)
		m.stack = m.stack[:len(m.stack)-n]
	}
	if err != nil || len(m.stack) == 0 {
		return errCut
	}
	switch to := m.stack[len(m.stack)-1].(type) {
	case *list:
		if op == 'a' || op == 'e' {
			to.items = append(to.items, items...)
			return nil
		}
	case *dict:
		if (op == 's' || op == 'u') && len(items)%2 == 0 {
			for i := 0; i < len(items); i += 2 {
				to.keys, to.values = append(to.keys, items[i]), append(to.values, items[i+1])
			}
			return nil
		}
	}
	return errCut
}

// global names a function or a class, one of those that are known.
func (m *machine) global(op byte) error {
	var module, what string
	if op == 0x93 { // STACK_GLOBAL
		b, err := m.pop()
		a, err2 := m.pop()
		first, ok := a.(string)
		second, ok2 := b.(string)
		if err != nil || err2 != nil || !ok || !ok2 {
			return errCut
		}
		module, what = first, second
	} else {
		for _, to := range []*string{&module, &what} {
			end := bytes.IndexByte(m.b, '\n')
			if end < 0 {
				return errCut
			}
			*to = string(m.b[:end])
			m.b = m.b[end+1:]
		}
	}
	n := name(module + "." + what)
	if _, ok := widths[n]; !ok && n != orderedDict && n != rebuild && n != parameter {
		return badinput.Errorf("the pickle names %.60q, which no tensor needs; nothing was run", string(n))
	}
	return m.push(n)
}
