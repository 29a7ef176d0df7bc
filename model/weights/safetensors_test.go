package weights

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"pgregory.net/rapid"
)

// TestDecodeForeign reads a file put together by hand after the published format:
// float32 a = [[1, 2]] and int64 b = [-1].
func TestDecodeForeign(t *testing.T) {
	head := `{"__metadata__":{"k":"v"},"b":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]}}`
	body, _ := hex.DecodeString("ffffffffffffffff" + "0000803f00000040")
	tensors, metadata, err := Decode(assemble(head, body))
	if err != nil {
		t.Fatal(err)
	}
	if metadata["k"] != "v" || len(tensors) != 2 {
		t.Errorf("metadata %v, %d tensors", metadata, len(tensors))
	}
	if a := tensors["a"]; a.DType != dtypes.Float32 || fmt.Sprint(a.Dims) != "[1 2]" || !bytes.Equal(a.Data, body[8:]) {
		t.Errorf("a = %v", a)
	}
	if b := tensors["b"]; b.DType != dtypes.Int64 || !bytes.Equal(b.Data, body[:8]) {
		t.Errorf("b = %v", b)
	}
}

func TestDecodeErrors(t *testing.T) {
	one := `{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}%s}`
	for _, c := range []struct{ head, want string }{
		{`[1]`, "not a JSON object"},
		{`{"a":`, `tensor "a"`},
		{fmt.Sprintf(one, `]`), "not JSON"},
		{fmt.Sprintf(one, ``) + `{}`, "goes on after its end"},
		{fmt.Sprintf(one, `,"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`), `tensor "a" is duplicated`},
		{fmt.Sprintf(one, `,"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}`), `tensor "b": it should start at byte 8`},
		{`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, `tensor "a": it should start at byte 0`},
		{`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, "end at 4, but the file has 8"},
		{`{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}`, "the file has 8 bytes"},
		{`{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}`, "takes 12 bytes, not 8"},
		{`{"a":{"dtype":"F99","shape":[2],"data_offsets":[0,8]}}`, `type "F99" is unknown`},
		{`{"a":{"dtype":"BOOL","shape":[8],"data_offsets":[0,8]}}`, "neither 0 nor 1"},
		{`{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}`, "at least one element"},
		{`{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}`, "larger than any file"},
		{`{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}`, `tensor "a"`},
		{`{"__metadata__":{"k":1}}`, "metadata"},
	} {
		_, _, err := Decode(assemble(c.head, []byte{2, 0, 0, 0, 0, 0, 0, 0}))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.head, err, c.want)
		}
	}
	huge := binary.LittleEndian.AppendUint64(nil, 1<<62)
	for _, data := range [][]byte{nil, huge[:7], huge, assemble("{}", nil)[:9]} {
		if _, _, err := Decode(data); err == nil {
			t.Errorf("%x: no error", data)
		}
	}
}

func TestEncodeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.MapOf(rapid.StringMatching(`[a-z/_0-9]{1,8}`), rapid.Custom(randomTensor)).Draw(t, "tensors")
		metadata := rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "metadata")
		var file bytes.Buffer
		if err := Encode(&file, want, metadata); err != nil {
			t.Fatal(err)
		}
		got, _, err := Decode(file.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		var again bytes.Buffer
		if err := Encode(&again, got, metadata); err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) || !bytes.Equal(file.Bytes(), again.Bytes()) {
			t.Fatal("another file after a round trip")
		}
	})
}

func randomTensor(t *rapid.T) Tensor {
	kind := rapid.SampledFrom([]dtypes.DType{dtypes.Float32, dtypes.Int64, dtypes.Uint8, dtypes.Bool}).Draw(t, "type")
	dims := rapid.SliceOfN(rapid.IntRange(1, 4), 0, 3).Draw(t, "dims")
	n := kind.Size()
	for _, d := range dims {
		n *= d
	}
	return Tensor{kind, dims, rapid.SliceOfN(rapid.ByteRange(0, 1), n, n).Draw(t, "data")}
}

func FuzzDecode(f *testing.F) {
	f.Add(assemble(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, make([]byte, 8)))
	f.Add(assemble(`{"__metadata__":{"k":"v"},"a":{"dtype":"BOOL","shape":[],"data_offsets":[0,1]}}`, []byte{1}))
	f.Fuzz(func(t *testing.T, data []byte) {
		tensors, metadata, err := Decode(data)
		if err != nil {
			return
		}
		if err := Encode(&bytes.Buffer{}, tensors, metadata); err != nil {
			t.Error(err)
		}
	})
}

func assemble(head string, body []byte) []byte {
	data := binary.LittleEndian.AppendUint64(nil, uint64(len(head)))
	return append(append(data, head...), body...)
}

func TestEncodeEach(t *testing.T) {
	tensors := map[string]Tensor{"a": {DType: dtypes.Float32, Dims: []int{2}}, "b": {DType: dtypes.Float16, Dims: []int{3}}}
	var file bytes.Buffer
	var asked []string
	err := EncodeEach(&file, tensors, nil, func(name string) ([]byte, error) {
		asked = append(asked, name)
		return make([]byte, map[string]int{"a": 8, "b": 6}[name]), nil
	})
	if got, _, err2 := Decode(file.Bytes()); err != nil || err2 != nil || len(got) != 2 || fmt.Sprint(asked) != "[a b]" {
		t.Error(err, err2, len(got), asked)
	}
	err = EncodeEach(&file, tensors, nil, func(string) ([]byte, error) { return make([]byte, 8), nil })
	if err == nil || !strings.Contains(err.Error(), `tensor "b" has 8 bytes; its shape takes 6`) {
		t.Error(err)
	}
}
