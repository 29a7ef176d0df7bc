package netfile

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"atelier/internal/badinput"
)

// dense is a model of one layer; what is replaced in it makes it hostile.
const dense = `{"format":"layers-model","modelTopology":{"model_config":{"class_name":"Sequential","config":{"layers":[
{"class_name":"Conv2D","config":{"name":"c","batch_input_shape":[null,4,4,1],"kernel_size":[1,1],"strides":[1,1],"padding":"same","activation":"relu"}}]}}},
"weightsManifest":[{"paths":["a.bin"],"weights":[{"name":"c/kernel","shape":[1,1,1,1],"dtype":"float32"},{"name":"c/bias","shape":[1],"dtype":"float32"}]}]}`

// opened reads a model of TensorFlow.js from a folder with these files.
func opened(t testing.TB, files map[string]string) (*Network, error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return Open(dir)
}

func TestOneLayer(t *testing.T) {
	n, err := opened(t, map[string]string{modelJSON: dense, "a.bin": "\x00\x00\x00\x40\x00\x00\x80\x3f"})
	if err != nil {
		t.Fatal(err)
	}
	if len(n.Ops) != 1 || n.Ops[0].Kernel.Values[0] != 2 || n.Ops[0].Bias.Values[0] != 1 || n.Parameters() != 2 || len(n.Files) != 2 {
		t.Errorf("%+v", n)
	}
}

// What lies is refused in one line that says what is wrong.
func TestHostileModels(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"no JSON":        {`{"format"`, `{format`, "invalid character"},
		"huge shape":     {`[1,1,1,1],"dtype"`, `[1000000,1000000,1000000,1000000],"dtype"`, "larger than what is there"},
		"negative shape": {`[1,1,1,1],"dtype"`, `[-1,1,1,1],"dtype"`, "larger than what is there"},
		"many axes":      {`[1,1,1,1],"dtype"`, `[1,1,1,1,1,1,1,1,1,1],"dtype"`, "10 axes"},
		"short shard":    {`[1,1,1,1],"dtype"`, `[1,1,2,1],"dtype"`, "their tensors want 12"},
		"path outside":   {`"a.bin"`, `"../a.bin"`, "want the name of a file beside it"},
		"absolute path":  {`"a.bin"`, `"/etc/passwd"`, "want the name of a file beside it"},
		"no such shard":  {`"a.bin"`, `"b.bin"`, "b.bin"},
		"type":           {`"float32"}]`, `"complex64"}]`, `of type "complex64"`},
		"twice":          {`c/bias"`, `c/kernel"`, "two tensors are named"},
		"no bias":        {`c/bias"`, `d/bias"`, "the weights have no c/bias"},
		"class":          {`"Conv2D"`, `"Lambda"`, "layers of this class are not read"},
		"activation":     {`"relu"`, `"mish"`, `the activation "mish"`},
		"stride":         {`"strides":[1,1]`, `"strides":[9000,1]`, "windows of"},
		"minus stride":   {`"strides":[1,1]`, `"strides":[-1,1]`, "windows of"},
		"input":          {`[null,4,4,1]`, `[null,400000000,400000000,1]`, "too much"},
		"minus input":    {`[null,4,4,1]`, `[null,4,4,-1]`, "the network takes"},
		"channels":       {`[null,4,4,1]`, `[null,4,4,2]`, "does not follow 2 channels"},
		"padding":        {`"same"`, `"reflect"`, "want same or valid"},
		"order":          {`"padding"`, `"data_format":"channels_first","padding"`, "channels come first"},
	} {
		text := strings.Replace(dense, c.old, c.new, 1)
		if text == dense {
			t.Fatalf("%s: nothing was replaced", name)
		}
		_, err := opened(t, map[string]string{modelJSON: text, "a.bin": "\x00\x00\x00\x40\x00\x00\x80\x3f"})
		if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if _, err := opened(t, map[string]string{modelJSON: dense, "a.bin": "\x00\x00\xc0\x7f\x00\x00\x80\x3f"}); err == nil || !strings.Contains(err.Error(), "not finite") {
		t.Error(err)
	}
	if _, err := opened(t, map[string]string{"readme.txt": ""}); err == nil || !strings.Contains(err.Error(), "no network") {
		t.Error(err)
	}
}

// Operations that take one another's results in a circle are no network.
func TestCircle(t *testing.T) {
	const text = `{"modelTopology":{"class_name":"Model","config":{"input_layers":[["i",0,0]],"output_layers":[["b",0,0]],"layers":[
{"class_name":"InputLayer","name":"i","config":{"batch_input_shape":[null,4,4,1]}},
{"class_name":"Add","name":"a","config":{},"inbound_nodes":[[["i",0,0,{}],["b",0,0,{}]]]},
{"class_name":"Add","name":"b","config":{},"inbound_nodes":[[["a",0,0,{}],["i",0,0,{}]]]}]}}}`
	if _, err := opened(t, map[string]string{modelJSON: text}); err == nil || !strings.Contains(err.Error(), "in a circle") {
		t.Error(err)
	}
}

// Scripts are read as data: what a minifier writes becomes JSON, and all else is refused.
func TestScripts(t *testing.T) {
	for script, want := range map[string]string{
		`!function(){t.exports={a:.5,b:-.25,c:[1e-3,!0,!1],$d_1:"x",'e f':'y',g:null,h:{}}}();`: `{"a":0.5,"b":-0.25,"c":[1e-3,true,false],"$d_1":"x","e f":"y","g":null,"h":{}}`,
		`exports={a:require("child_process")}`:                                                  "",
		`m.exports={a:function(){}}`:                                                            "",
		`m.exports={a:1`:                                                                        "",
		`m.exports={a:"\x41"}`:                                                                  "",
		`m.exports={` + strings.Repeat("a:{", 100) + strings.Repeat("}", 100) + `}`:             "",
		`m.exports={a:1+1}`:                                                                     "",
		`nothing`:                                                                               "",
	} {
		got, err := exported([]byte(script))
		if want == "" && !errors.Is(err, badinput.Err) || want != "" && string(got) != want {
			t.Errorf("%.60s: %s, %v", script, got, err)
		}
	}
	if b, err := exportedBytes([]byte(`x.exports="aGk="},{}]`)); err != nil || string(b) != "hi" {
		t.Errorf("%q, %v", b, err)
	}
	for _, script := range []string{`x.exports="a`, `x.exports="%%"`, ``} {
		if _, err := exportedBytes([]byte(script)); !errors.Is(err, badinput.Err) {
			t.Errorf("%s: %v", script, err)
		}
	}
}

// packed is a package of npm with these files.
func packed(t *testing.T, files ...tar.Header) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, h := range files {
		h.Mode = 0o644
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(bytes.Repeat([]byte("x"), int(h.Size))); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	return &b
}

// Of a package only the files that are asked for come out, and links and paths do nothing.
func TestUnpack(t *testing.T) {
	dir := t.TempDir()
	b := packed(t, tar.Header{Name: "package/../../evil", Size: 1}, tar.Header{Name: "package/m/b", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"},
		tar.Header{Name: "package/m/a", Size: 5}, tar.Header{Name: "package/other", Size: 3})
	if err := unpack(bytes.NewReader(b.Bytes()), "m", dir, []string{"a"}); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "a")); err != nil || string(got) != "xxxxx" {
		t.Errorf("%q, %v", got, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
	if err := unpack(bytes.NewReader(b.Bytes()), "m", t.TempDir(), []string{"b"}); err == nil || !strings.Contains(err.Error(), "it has no package/m/b") {
		t.Error(err)
	}
	if err := unpack(strings.NewReader("plain"), "m", t.TempDir(), []string{"b"}); err == nil || !strings.Contains(err.Error(), "gzip") {
		t.Error(err)
	}
	if err := unpack(bytes.NewReader(b.Bytes()[:60]), "m", t.TempDir(), []string{"b"}); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Error(err)
	}
}

// Whatever model.json says, reading it ends with a network that fits together, or an error of the user.
func FuzzModelJSON(f *testing.F) {
	f.Add([]byte(dense), []byte("\x00\x00\x00\x40\x00\x00\x80\x3f"))
	if small, err := os.ReadFile(filepath.Join("..", "..", "model", "ported", "testdata", "small", modelJSON)); err == nil {
		f.Add(small, []byte{})
	}
	f.Fuzz(func(t *testing.T, text, shard []byte) {
		n := &Network{}
		err := n.readTFJS(modelJSON, func(name string, most int64) ([]byte, error) {
			if name == modelJSON {
				return text, nil
			}
			return shard[:min(len(shard), int(most))], nil
		})
		if err == nil {
			err = n.check()
		}
		if err != nil && !errors.Is(err, badinput.Err) {
			t.Error(err)
		}
	})
}

func FuzzScript(f *testing.F) {
	f.Add([]byte(`t.exports={a:.5,b:[!0,"x"]}`))
	f.Fuzz(func(t *testing.T, script []byte) {
		if _, err := exported(script); err != nil && !errors.Is(err, badinput.Err) {
			t.Error(err)
		}
	})
}
