package source

import (
	"archive/zip"
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"atelier/data"
)

// treesOf makes the same tree as a folder, archives and, if its names can be keys, a
// bucket. No part is drawn by name.
func treesOf(t testing.TB, files map[string][]byte) []data.Source {
	t.Helper()
	var members []member
	keys := true
	for _, name := range slices.Sorted(maps.Keys(files)) {
		members = append(members, member{name: name, content: files[name]})
		keys = keys && utf8.ValidString(name)
	}
	var trees []data.Source
	if runtime.GOOS == "linux" { // elsewhere not every name can be one of a file
		dir := t.TempDir()
		writeIn(t, dir, files)
		trees = append(trees, &Folder{Path: dir})
	}
	for _, kind := range []string{"zip", "tar.gz"} {
		trees = append(trees, archiveIn(t, "a."+kind, archiveOf(t, kind, members)))
	}
	if keys {
		trees = append(trees, bucketOf(t, files))
	}
	return trees
}

// bucketOf is a bucket that holds the files, on a server of this process.
func bucketOf(t testing.TB, files map[string][]byte) *S3 {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !r.URL.Query().Has("list-type") {
			b := files[strings.TrimPrefix(r.URL.Path, "/a-bucket/")]
			w.Header().Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
			w.Header().Set("ETag", fmt.Sprintf(`"%x"`, md5.Sum(b)))
			w.Write(b)
			return
		}
		fmt.Fprint(w, "<ListBucketResult><EncodingType>url</EncodingType>")
		for _, key := range slices.Sorted(maps.Keys(files)) {
			fmt.Fprint(w, "<Contents><Key>")
			xml.EscapeText(w, []byte(url.QueryEscape(key)))
			fmt.Fprintf(w, "</Key><Size>%d</Size></Contents>", len(files[key]))
		}
		fmt.Fprint(w, "</ListBucketResult>")
	}))
	t.Cleanup(server.Close)
	for variable, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "", "AWS_ACCESS_KEY": "", "MINIO_ROOT_USER": "", "MINIO_ACCESS_KEY": "", "AWS_SHARED_CREDENTIALS_FILE": "none", "AWS_CONFIG_FILE": "none",
	} {
		if before, is := os.LookupEnv(variable); !is || before != value {
			os.Setenv(variable, value)
			t.Cleanup(func() {
				if is {
					os.Setenv(variable, before)
				} else {
					os.Unsetenv(variable)
				}
			})
		}
	}
	return &S3{Address: "s3://a-bucket", Endpoint: strings.TrimPrefix(server.URL, "http://"), Region: "us-east-1"}
}

// The same tree has the same Items, whether it is a folder, an archive or a bucket.
func TestTreesAreAlike(t *testing.T) {
	picture, text := pngOf(t, 1), []byte("some words\n")
	gbk := func(s string) string {
		b, _ := simplifiedchinese.GBK.NewEncoder().String(s)
		return b
	}
	folders := []string{"", "train", "Test", "val", "cat", "dog/deep", "@eaDir", "café", norm.NFD.String("café"), "odd\x1b[31m", "train2017", "val2017", "labels", gbk("照片"), gbk("猫")}
	endings := []string{".png", ".jpg", ".txt", ".txt.gz", ".bmp", "", ".xyz", ".zip", ".json", ".mid", " (2).png"}
	rapid.Check(t, func(r *rapid.T) {
		files := map[string][]byte{}
		for range rapid.IntRange(1, 12).Draw(r, "files") {
			name := filepath.ToSlash(filepath.Join(rapid.SampledFrom([]string{"", "set"}).Draw(r, "around"), rapid.SampledFrom(folders).Draw(r, "folder"),
				rapid.SampledFrom([]string{"", "train", "test", "x"}).Draw(r, "within"), rapid.SampledFrom([]string{"a", "b", "é", "Thumbs", ".hidden", gbk("狗")}).Draw(r, "name")+rapid.SampledFrom(endings).Draw(r, "ending")))
			files[name] = rapid.SampledFrom([][]byte{picture, text, {}, []byte("MThd")}).Draw(r, "content")
		}
		for name := range files {
			for other := range files {
				if strings.HasPrefix(other, name+"/") {
					delete(files, name) // a file where a folder is
				}
			}
		}
		if rapid.Bool().Draw(r, "table") {
			files["labels.csv"] = []byte("file_name,label,split\na.png,x,train\ncat/b.png,y,test\nnone.png,z,\n")
		}
		t := rapidT{TB: t, r: r}
		defer t.done()
		var first map[data.Split][]string
		for _, s := range treesOf(&t, files) {
			got := map[data.Split][]string{}
			for _, split := range []data.Split{data.Train, data.Test} {
				for it, err := range s.Items(t.Context(), split) {
					if err != nil && !isDrop(err) {
						if !strings.Contains(err.Error(), " has no ") && !strings.Contains(err.Error(), " is empty; ") {
							r.Fatal(err)
						}
						got[split] = append(got[split], "none")
						continue
					}
					it.Origin.Place, it.Origin.Collected = "", time.Time{}
					got[split] = append(got[split], fmt.Sprintf("%+v %v", it, err))
				}
				slices.Sort(got[split])
			}
			if first == nil {
				first = got
			} else if !reflect.DeepEqual(first, got) {
				r.Errorf("%T has %q, want %q", s, got, first)
			}
		}
	})
}

// A rapidT is a test that cleans up after each tree.
type rapidT struct {
	testing.TB
	r       *rapid.T
	cleanup []func()
}

func (t *rapidT) Cleanup(f func()) { t.cleanup = append(t.cleanup, f) }

func (t *rapidT) TempDir() string {
	dir, err := os.MkdirTemp("", "tree")
	if err != nil {
		t.r.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func (t *rapidT) done() {
	for _, f := range slices.Backward(t.cleanup) {
		f()
	}
}

// What the name of a file does not tell, its bytes do.
func TestBytesTellTheKind(t *testing.T) {
	var asBMP, asTIFF bytes.Buffer
	grey := mustDecode(t, pngOf(t, 3))
	if bmp.Encode(&asBMP, grey) != nil || tiff.Encode(&asTIFF, grey, nil) != nil {
		t.Fatal("cannot encode")
	}
	files := map[string][]byte{
		"a.jpg": pngOf(t, 1), "noext": pngOf(t, 2), "a.jfif": pngOf(t, 3), "a.dat": pngOf(t, 4), "a.jpg~": pngOf(t, 5), "tune": []byte("MThd"),
		"a.bmp": asBMP.Bytes(), "a.tif": asTIFF.Bytes(), "b.TIFF": asTIFF.Bytes(), "words.png": []byte("words"), "words": []byte("words"),
		"inside.zip": []byte("PK"), "inside.tar.gz": {1}, "a.json": []byte("{}"), "LICENSE": []byte("MIT"), "other.jsonl": []byte(`{"text": "other words"}` + "\n"), "movie.mp4": pngOf(t, 1),
	}
	for _, s := range treesOf(t, files) {
		items, _, drops := take(t, s)
		types := map[string]string{}
		for name, it := range items {
			types[name] = strings.TrimPrefix(it.MediaType, "image/")
		}
		if got := fmt.Sprint(types); got != "map[a.bmp:bmp a.dat:png a.jfif:png a.jpg:png a.jpg~:png a.tif:tiff b.TIFF:tiff noext:png tune:audio/midi]" {
			t.Errorf("%T: %s", s, got)
		}
		if got := fmt.Sprint(drops); got != "map[a.json:unknown kind inside.tar.gz:archive inside inside.zip:archive inside movie.mp4:unknown kind other.jsonl:table of others words:unknown kind words.png:unknown kind]" {
			t.Errorf("%T: %s", s, got)
		}
	}
}

// Names in old encodings are read, and labels are text for people.
func TestNamesOfOldEncodings(t *testing.T) {
	encoded := func(name string) string {
		s, err := japanese.ShiftJIS.NewEncoder().String(name)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	files := map[string][]byte{
		encoded("猫/写真0.png"): pngOf(t, 1), encoded("犬/表1.png"): pngOf(t, 2), "ascii/2.png": pngOf(t, 3),
		norm.NFD.String("café/é.png"): pngOf(t, 4), "café/é.png": pngOf(t, 5), "red\x1b[31m/\n.png": pngOf(t, 6),
	}
	for _, s := range treesOf(t, files) {
		items, _, drops := take(t, s)
		if got := strings.Join(slices.Sorted(maps.Keys(items)), " "); len(drops) > 0 || got != "ascii/2.png café/é (2).png café/é.png red%1B[31m/%0A.png 犬/表1.png 猫/写真0.png" {
			t.Errorf("%T: %s, %v", s, got, drops)
		}
		if got := strings.Join(s.(data.Classed).ClassNames(), " "); got != "ascii café red%1B[31m 犬 猫" {
			t.Errorf("%T: %s", s, got)
		}
	}
}

// A zip may hold the name in UTF-8 beside the one in an old encoding.
func TestInfoZIPNames(t *testing.T) {
	raw := "K\x84se/1.png"
	field := binary.LittleEndian.AppendUint32([]byte{1}, crc32.ChecksumIEEE([]byte(raw)))
	field = append(field, "奶酪/1.png"...)
	extra := binary.LittleEndian.AppendUint16([]byte{0x75, 0x70}, uint16(len(field)))
	s := archiveIn(t, "a.zip", zipWithExtra(t, raw, append(extra, field...)))
	if items, _, _ := take(t, s); items["奶酪/1.png"].Label != "奶酪" {
		t.Error(items)
	}
	field[1]++ // of another name
	s = archiveIn(t, "a.zip", zipWithExtra(t, raw, append(extra, field...)))
	if items, _, _ := take(t, s); items["Käse/1.png"].Label != "Käse" {
		t.Error(items)
	}
}

// What is skipped where nothing is left is said.
func TestNothingButPassedOver(t *testing.T) {
	dir := write(t, map[string][]byte{"a.xyz": {1}, "b.xyz": {1}, "c.rar": {1}, "d.zip": {1}})
	if err := os.Symlink("a.xyz", filepath.Join(dir, "link.png")); err != nil {
		t.Skip("without a symbolic link:", err)
	}
	want := "has no pictures, texts or music; 2 files .xyz, 1 file (archive inside), 1 file .rar, 1 symbolic link were skipped; Atelier reads"
	if _, err := collect(&Folder{Path: dir}, data.Train); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}

// A picture that is called a text is named among what was skipped, also where its name
// is that of the caption of another and where no texts are asked for.
func TestPicturesCalledTexts(t *testing.T) {
	files := map[string][]byte{"1.png": pngOf(t, 1), "1.txt": pngOf(t, 2), "y.txt": pngOf(t, 3), "z.txt": []byte("a text")}
	for _, s := range treesOf(t, files) {
		switch s := s.(type) {
		case *Folder:
			s.Kind = pictures
		case *Archive:
			s.Kind = pictures
		case *S3:
			s.Kind = pictures
		}
		items, _, drops := take(t, s)
		if len(items) != 1 || len(drops) != 2 || drops["1.txt"] != "wrong extension" || drops["y.txt"] != "wrong extension" {
			t.Errorf("%T: %v, %v", s, items, drops)
		}
	}
}

// What systems put among the files of a person is none of them.
func TestFilesOfSystems(t *testing.T) {
	files := map[string][]byte{"cat/1.png": pngOf(t, 1), "dog/2.png": pngOf(t, 2)}
	for _, name := range []string{
		"@eaDir/1.png/SYNOPHOTO_THUMB_M.png", "cat/@eaDir/x.png", "#recycle/x.png", "$RECYCLE.BIN/x.png", "lost+found/x.png", "__MACOSX/x.png", ".AppleDouble/x.png",
		"System Volume Information/x.png", "cat/Thumbs.db", "desktop.ini", ".DS_Store", "@Recycle/x.png", "#snapshot/x.png", "cat/._1.png",
	} {
		files[name] = pngOf(t, 3)
	}
	for _, s := range treesOf(t, files) {
		if items, _, drops := take(t, s); len(items) != 2 || len(drops) > 0 {
			t.Errorf("%T: %v, %v", s, slices.Sorted(maps.Keys(items)), drops)
		}
	}
}

// zipWithExtra is a zip of one picture under a name as it is, with a further field.
func zipWithExtra(t testing.TB, name string, extra []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	m, err := w.CreateHeader(&zip.FileHeader{Name: name, NonUTF8: true, Extra: extra})
	if err == nil {
		_, err = m.Write(pngOf(t, 1))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func mustDecode(t testing.TB, b []byte) image.Image {
	t.Helper()
	img, err := decoded(data.Item{Bytes: b})
	if err != nil {
		t.Fatal(err)
	}
	return img
}
