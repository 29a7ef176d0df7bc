package provenance

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"atelier/internal/c2pa"
)

func newSigner(t testing.TB) *c2pa.Signer {
	t.Helper()
	s, err := c2pa.OpenSigner(filepath.Join(t.TempDir(), "signer.pem"), true)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// signedFiles are labelled and signed works in every format that can be signed.
func signedFiles(t testing.TB, by *c2pa.Signer) map[string][]byte {
	t.Helper()
	l := example
	l.Marks.Signer = by.Fingerprint()
	for i := range 5_000 { // more than a segment of a JPEG holds
		l.Seeds = append(l.Seeds, uint64(i)<<32)
	}
	all := map[string][]byte{}
	for name, plain := range everyFormat(t) {
		if !Signable(plain) {
			continue
		}
		signed, err := Sign(write(t, plain, l), by)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all[name] = signed
	}
	return all
}

// A signed work is whole, has the same bytes again, and says by whom it is signed; whatever byte is
// changed, it is not whole any more.
func TestSign(t *testing.T) {
	by := newSigner(t)
	all := signedFiles(t, by)
	for _, want := range []string{"png", "jpeg", "jpeg with JFIF", "webp", "gif", "wav"} {
		if all[want] == nil {
			t.Errorf("%s is not signed", want)
		}
	}
	for name, signed := range all {
		c, err := Check(signed, nil)
		if err != nil || !c.Whole() || c.Signature == nil || c.Signature.Fingerprint != by.Fingerprint() || c.Content != Unchanged {
			t.Errorf("%s: %+v, error %v", name, c, err)
			continue
		}
		if c.Signature.Source != Generated.address() || c.Signature.Program != "Atelier "+example.Version || !strings.Contains(c.Signature.Signer, c2pa.SelfMade) {
			t.Errorf("%s: signature %+v", name, c.Signature)
		}
		again, err := Sign(signed, by)
		if err != nil || !bytes.Equal(again, signed) {
			t.Errorf("%s: other bytes the second time, error %v", name, err)
		}
		for n := 0; n < len(signed); n += 1 + len(signed)/100 {
			flipped := bytes.Clone(signed)
			flipped[n] ^= 0x41
			if c, err := Check(flipped, nil); err == nil && c.Whole() {
				t.Errorf("%s: whole with byte %d of %d changed", name, n, len(signed))
			}
		}
		l, err := Read(signed)
		if err != nil {
			t.Fatal(err)
		}
		relabelled := write(t, signed, l)
		if c, err := Check(relabelled, nil); err != nil || c.Signature != nil || c.Whole() {
			t.Errorf("%s, labelled again: %+v, error %v", name, c, err)
		}
	}
	if _, err := Sign(everyFormat(t)["midi"], by); err == nil {
		t.Error("signed a MIDI file")
	}
	if _, err := Sign(files(t)["png"], by); err == nil {
		t.Error("signed a picture without a label")
	}
}

// A store of any length is read back as it was, from where it is said to be, and goes without a trace.
func TestPlace(t *testing.T) {
	for _, length := range []int{16, 254, 256, 65_520, 65_521, 200_002} {
		store := append([]byte("\x00\x00\x00\x00jumb"), bytes.Repeat([]byte("store "), length/6)...)
		for name, plain := range everyFormat(t) {
			c, err := containerOf(plain)
			if err != nil {
				t.Fatal(err)
			}
			in, ok := c.(signable)
			if !ok {
				continue
			}
			placed, at, err := in.place(plain, store)
			if err != nil {
				t.Fatal(err)
			}
			got, where, err := in.manifest(placed)
			if err != nil || !bytes.Equal(got, store) || where.Start != at.Start || where.Length != at.Length {
				t.Errorf("%s, %d bytes: read %d bytes at %v, written at %v, error %v", name, length, len(got), where, at, err)
			}
			if back, err := withoutManifest(in, placed); err != nil || !bytes.Equal(back, plain) {
				t.Errorf("%s, %d bytes: other bytes without it, error %v", name, length, err)
			}
			if strings.HasPrefix(name, "wav") || name == "flac" {
				continue
			}
			if !reflect.DeepEqual(decoded(t, placed), decoded(t, plain)) {
				t.Errorf("%s, %d bytes: other pixels", name, length)
			}
		}
	}
}

// What c2pa-rs finds wrong with signed works is only that it does not trust their signer.
func TestSignedForOthers(t *testing.T) {
	folder := os.Getenv("ATELIER_C2PA")
	node, err := exec.LookPath("node")
	if folder == "" || err != nil {
		t.Skip("ATELIER_C2PA names no folder with the npm package @contentauth/c2pa-wasm 0.13.3 in it, or there is no node")
	}
	media := map[string]string{"png": "image/png", "jpeg": "image/jpeg", "jpeg with JFIF": "image/jpeg", "webp": "image/webp", "gif": "image/gif", "wav": "audio/wav", "wav with a title": "audio/wav"}
	dir := t.TempDir()
	args := []string{filepath.Join("testdata", "c2pa.mjs"), folder}
	var names []string
	for name, signed := range signedFiles(t, newSigner(t)) {
		path := filepath.Join(dir, name)
		changed := bytes.Clone(signed)
		changed[bytes.Index(changed, []byte(`"engine":"go"`))+11] = 'G'
		for end, file := range map[string][]byte{"": signed, " changed": changed} {
			if err := os.WriteFile(path+end, file, 0o666); err != nil {
				t.Fatal(err)
			}
			args, names = append(args, media[name], path+end), append(names, name+end)
		}
	}
	out, err := exec.Command(node, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	if len(lines) != len(names) {
		t.Fatalf("%d answers about %d files: %s", len(lines), len(names), out)
	}
	for i, line := range lines {
		var said struct {
			Error string
			Valid struct {
				Active struct {
					Success, Failure []struct{ Code, Explanation string }
				} `json:"activeManifest"`
			} `json:"validation_results"`
		}
		if err := json.Unmarshal(line, &said); err != nil {
			t.Fatal(err)
		}
		var failed, passed []string
		for _, f := range said.Valid.Active.Failure {
			failed = append(failed, f.Code)
		}
		for _, f := range said.Valid.Active.Success {
			passed = append(passed, f.Code)
		}
		switch changed := strings.HasSuffix(names[i], " changed"); {
		case said.Error != "":
			t.Errorf("%s: %s", names[i], said.Error)
		case changed && !slices.Contains(failed, "assertion.dataHash.mismatch"):
			t.Errorf("%s: the change is not found: %s", names[i], line)
		case !changed && (!slices.Equal(failed, []string{"signingCredential.untrusted"}) ||
			!slices.Contains(passed, "claimSignature.validated") || !slices.Contains(passed, "assertion.dataHash.match")):
			t.Errorf("%s: %s", names[i], line)
		}
	}
}
