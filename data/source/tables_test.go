package source

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"atelier/data"
)

// rowsIn reads a table and returns a line for each row, or for what is wrong with it.
func rowsIn(name, text string) (got []string) {
	for r, err := range tableRows(context.Background(), name, strings.NewReader(text), nil) {
		var drop *data.Drop
		switch {
		case errors.As(err, &drop):
			got = append(got, fmt.Sprintf("%d %s", r.at, drop))
			continue
		case err != nil:
			return append(got, "ends: "+err.Error())
		}
		line := fmt.Sprint(r.at)
		for _, n := range r.names {
			s, _ := r.text(n)
			line += fmt.Sprintf(" %s=%q", n, s)
		}
		got = append(got, line)
	}
	return got
}

func utf16Of(text, mark string, low, high int) string {
	b := []byte(mark)
	for _, u := range utf16.Encode([]rune(text)) {
		pair := []byte{byte(u), byte(u >> 8)}
		b = append(b, pair[low], pair[high])
	}
	return string(b)
}

func TestTableForms(t *testing.T) {
	plain := []string{`2 text="one" label="a"`, `3 text="two" label="b"`}
	for name, text := range map[string]string{
		"LF":                    "text,label\none,a\ntwo,b\n",
		"no end":                "text,label\none,a\ntwo,b",
		"CRLF":                  "text,label\r\none,a\r\ntwo,b\r\n",
		"CR":                    "text,label\rone,a\rtwo,b\r",
		"mixed":                 "text,label\rone,a\r\ntwo,b\n",
		"mark":                  "\ufefftext,label\none,a\ntwo,b\n",
		"UTF-16":                utf16Of("text,label\none,a\ntwo,b\n", "\xff\xfe", 0, 1),
		"UTF-16, big":           utf16Of("text,label\none,a\ntwo,b\n", "\xfe\xff", 1, 0),
		"UTF-16, no mark":       utf16Of("text,label\none,a\ntwo,b\n", "", 0, 1),
		"semicolon":             "text;label\none;a\ntwo;b\n",
		"tab":                   "text\tlabel\none\ta\ntwo\tb\n",
		"bar":                   "text|label\none|a\ntwo|b\n",
		"spaces in the header":  " text , \"label\" \none,a\ntwo,b\n",
		"delimiters at the end": "text,label,\none,a,\ntwo,b\n",
		"more of them":          "text,label\none,a,,\ntwo,b,\n",
		"blank rows at the end": "text,label\none,a\ntwo,b\n\n \n",
		"blanks about quotes":   "text,label\n\"one\", \"a\"\n \"two\" ,\"b\"\n",
	} {
		got := rowsIn("t.csv", text)
		for i := range got {
			got[i] = strings.TrimSuffix(got[i], ` unnamed=""`)
		}
		if !slices.Equal(got, plain) {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"t.csv", "sep=;\r\na,b;c\r\n1,5;x\r\n", []string{`3 a,b="1,5" c="x"`}},
		{"t.csv", "\n\na;b\n1,5;\"x;\ny\"\nz;w\n", []string{`4 a="1,5" b="x;\ny"`, `6 a="z" b="w"`}},
		{"t.tsv", "a;b\tc\n1\t2\n", []string{`2 a;b="1" c="2"`}},
		{"t.csv", "a,b\n1,2\n\"open,3\n4,5\n\"6\",7\n8,\"9\"\n", []string{`2 a="1" b="2"`,
			"3 bad line: line 3: a quote is opened that is not closed as it should be", `4 a="4" b="5"`, `5 a="6" b="7"`, `6 a="8" b="9"`}},
		{"t.csv", "a,b\nx,5\" nail\ny\nz,w,v\nq,\"r\"s\nt,u\n", []string{
			`2 bad line: line 2: a quote stands within a field; put the field in quotes, and write "" for the quote`,
			"3 bad line: line 3 has 1 fields, and the header 2", "4 bad line: line 4 has 3 fields, and the header 2",
			`5 bad line: line 5: a quote stands within a field; put the field in quotes, and write "" for the quote`, `6 a="t" b="u"`}},
		{"t.csv", "a,b\n\"x\ny,z\nw\",v,u\nt,u\n", []string{
			"2 bad line: lines 2 to 4 are one row, as their quotes have it: it has 3 fields, and the header 2; is a quote not closed?", `5 a="t" b="u"`}},
		{"t.csv", ",,\na,b\n1,2\n,\n\n3,4\n, ,\n", []string{
			`3 a="1" b="2"`, "4 empty row: line 4 has no values, only delimiters", `6 a="3" b="4"`, "7 empty row: line 7 has no values, only delimiters"}},
		{"t.csv", "a\n\"x\"\"\"\n\"\"\n", []string{`2 a="x\""`, `3 a=""`}},
		{"t.csv", "\"a\nb,c\n", []string{"ends: the header cannot be read: line 1: a quote is opened that is not closed as it should be"}},
		{"t.jsonl", "{\"a\":1}\r{\"a\":1.0}\r\n\n{\"a\n{\"a\":\"\xff\"}\n", []string{`1 a="1"`, `2 a="1"`,
			"4 bad line: line 4 is not a JSON object (unexpected end of JSON input)", "5 bad line: line 5 is not a JSON object (it is not in UTF-8; save the table as UTF-8)"}},
		{"t.jsonl", " [\n{\"a\": null},\n{\"a\": \"2\"}, 3]\n[{\"a\": true}", []string{`1 a=""`, `2 a="2"`,
			"3 bad line: element 3 is not a JSON object (its JSON has the type number)", `4 a="true"`,
			"ends: element 5 of the array, byte 43: cut short or damaged (EOF)"}},
	} {
		want := c.want
		if got := rowsIn(c.name, c.text); !slices.Equal(got, want) {
			t.Errorf("%q\ngot  %q\nwant %q", c.text, got, want)
		}
	}
}

// What was written with quotes where they belong is read as it was, wherever the
// pieces end that the file is read in.
func TestTableRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringOf(rapid.RuneFrom([]rune("ab \",;\t\né"))).Filter(func(s string) bool { return strings.TrimSpace(s) != "" })
		rows := rapid.SliceOf(rapid.SliceOfN(cell, 2, 2)).Draw(t, "rows")
		end := rapid.SampledFrom([]string{"\n", "\r\n", "\r"}).Draw(t, "end")
		text := strings.Repeat("x", rapid.IntRange(65500, 65560).Draw(t, "before")) + ",b" + end
		for _, r := range rows {
			text += `"` + strings.ReplaceAll(r[0], `"`, `""`) + `","` + strings.ReplaceAll(r[1], `"`, `""`) + `"` + end
		}
		i := 0
		for r, err := range tableRows(context.Background(), "t.csv", strings.NewReader(text), nil) {
			if err != nil || r.values[0] != rows[i][0] || r.values[1] != rows[i][1] {
				t.Fatalf("row %d: %q, %v", i, r.values, err)
			}
			i++
		}
		if i != len(rows) {
			t.Fatalf("%d of %d rows", i, len(rows))
		}
	})
}

// FuzzTable wants an end, no row longer than the file, and lines in their order.
func FuzzTable(f *testing.F) {
	for _, text := range []string{"a,b\n\"x\ny\",z\n\"\n1,2", "sep=;\na;b\r1;2", "{\"a\":1}\n[1]", "[{\"a\":[]},{}]", "\xff\xfea\x00", "a\n\"\"\"\n\"\"\"\"\n\"", ",\r\r\n,"} {
		f.Add([]byte(text), true)
		f.Add([]byte(text), false)
	}
	f.Fuzz(func(t *testing.T, text []byte, csv bool) {
		name := "t.jsonl"
		if csv {
			name = "t.csv"
		}
		before := 0
		for r, err := range tableRows(context.Background(), name, strings.NewReader(string(text)), nil) {
			if err != nil && !isDrop(err) {
				break
			}
			if r.at <= before || r.at > len(text)+1 || err == nil && csv && len(r.values) != len(r.names) {
				t.Fatalf("row %d after %d: %q %v", r.at, before, r.values, err)
			}
			before = r.at
		}
	})
}

// labelsOf returns the labels of the works of a folder, and why rows are dropped.
func labelsOf(t *testing.T, files ...string) (labels, drops map[string]string) {
	t.Helper()
	content := map[string][]byte{}
	for _, f := range files {
		name, text, isTable := strings.Cut(f, "|")
		if content[name] = []byte(text); !isTable {
			content[name] = pngOf(t, 1)
		}
	}
	s := &Folder{Path: write(t, content)}
	items, _, drops := take(t, s)
	labels = map[string]string{}
	for name, it := range items {
		labels[name] = it.Label
	}
	return labels, drops
}

func TestTableNames(t *testing.T) {
	composed, decomposed := norm.NFC.String("é.png"), norm.NFD.String("é.png")
	for what, c := range map[string]struct {
		files  []string
		labels string
		drops  string
	}{
		"a path wins over a bare name": {[]string{"x/1.png", "l.csv|file,label\n1.png,bare\nx/1.png,path\n"}, "x/1.png:path", "l.csv/2:conflict"},
		"a folder is never skipped":    {[]string{"x/1.png", "x/2.png", "l.csv|file,label\ny/1.png,a\nx/2.png,b\n"}, "x/1.png: x/2.png:b", "l.csv/2:missing"},
		"a bare name of one":           {[]string{"x/1.png", "l.csv|file,label\n1.png,a\n"}, "x/1.png:a", ""},
		"a bare name of two":           {[]string{"x/1.png", "y/1.png", "z.png", "l.csv|file,label\n1.png,a\nz.png,b\n"}, "x/1.png: y/1.png: z.png:b", "l.csv/2:ambiguous"},
		"beside the folder":            {[]string{"x/1.png", "t/l.csv|file,label\n1.png,a\n"}, "x/1.png:a", ""},
		"from the root":                {[]string{"x/1.png", "t/l.csv|file,label\nx/1.png,a\n"}, "x/1.png:a", ""},
		"below the table first":        {[]string{"x/1.png", "y/1.png", "x/l.csv|file,label\n1.png,a\n"}, "x/1.png:a y/1.png:y", ""},
		"spellings":                    {[]string{"x/1 a.png", "x/2.png", "x/3.png", "x/4.png", "l.csv|File Name,Label\nx/1%20a.png,a\n.\\x\\2.png,b\n ./x/3.png ,c\nx/4,d\n"}, "x/1 a.png:a x/2.png:b x/3.png:c x/4.png:d", ""},
		"another case":                 {[]string{"a.png", "b.png", "l.csv|file,label\nA.PNG,a\nb.png,b\n"}, "a.png: b.png:b", "l.csv/2:missing"},
		"another Unicode form":         {[]string{decomposed, "l.csv|file,label\n" + composed + ",é\n"}, composed + ":é", ""},
		"a folder in two forms":        {[]string{norm.NFC.String("é/") + "1.png", norm.NFD.String("é/") + "2.png"}, norm.NFC.String("é/1.png:é é/2.png:é"), ""},
		"labels alike":                 {[]string{"1.png", "a.csv|file,label\n1.png,x\n", "b.csv|file,label\n1.png, x\n"}, "1.png:x", ""},
		"labels that contradict":       {[]string{"1.png", "2.png", "a.csv|file,label\n1.png,x\n2.png,z\n", "b.jsonl|{\"file\":\"1.png\",\"label\":\"y\"}\n{\"file\":\"1.png\",\"label\":\"x\"}\n"}, "1.png: 2.png:z", "b.jsonl/1:conflict b.jsonl/2:conflict"},
		"another caption":              {[]string{"1.png", "a.csv|file,caption\n1.png,x\n1.png,y\n"}, "1.png:", "a.csv/3:another caption"},
		"a column of its own name":     {[]string{"1.png", "a.csv|id,label\n0,x\n1,y\n"}, "1.png:y", "a.csv/2:missing"},
		"nothing told":                 {[]string{"1.png", "2.png", "3.png", "a.csv|file,label\n1.png,nan\n2.png,\n3.png,None\n"}, "1.png: 2.png: 3.png:None", ""},
		"all lines bad":                {[]string{"x/1.png", "a.csv|file,label\n1.png\n"}, "x/1.png:x", "a.csv/2:bad line"},
		"names nothing":                {[]string{"x/1.png", "a.csv|file,label\n7.png,a\n8.png,b\n"}, "x/1.png:x", "a.csv:names nothing"},
		"not UTF-8":                    {[]string{"1.png", "2.png", "a.csv|file,label\n1.png,\xe9\n2.png,b\n"}, "1.png: 2.png:b", "a.csv/2:bad row"},
		"an index before":              {[]string{"x/1.png", "l.csv|,file_name,label\n0,x/1.png,a\n"}, "x/1.png:a", ""},
		"the files as index":           {[]string{"x/1.png", "l.csv|,label\nx/1.png,a\n"}, "x/1.png:a", ""},
		"a delimiter at the end":       {[]string{"x/1.png", "l.csv|file,label,\nx/1.png,a,\n"}, "x/1.png:a", ""},
		"several without name":         {[]string{"x/1.png", "l.csv|,,id,class,\n0,0,1,a,\n"}, "x/1.png:a", ""},
		"a key without name":           {[]string{"x/1.png", "l.jsonl|{\"\":0,\"file\":\"x/1.png\",\"label\":\"a\"}\n"}, "x/1.png:a", ""},
		"columns in another language":  {[]string{"x/1.png", "a.csv|foto,klasse\nx/1.png,a\n"}, "x/1.png:x", "a.csv:tells nothing"},
		"nothing but a file name":      {[]string{"x/1.png", "a.csv|file_name,klasse\nx/1.png,a\n"}, "x/1.png:x", "a.csv:tells nothing"},
		"of something else":            {[]string{"x/1.png", "a.csv|year,sum\n1,2\n1999,\n"}, "x/1.png:x", "a.csv:table of others"},
		"the tables of a part":         {[]string{"a/x/1.png", "b/2.png", "b/3.png", "b/l.csv|file,label\n2.png,q\n"}, "a/x/1.png:a b/2.png:q b/3.png:", ""},
	} {
		labels, drops := labelsOf(t, c.files...)
		if got := joinedMap(labels); got != c.labels {
			t.Errorf("%s: labels %q, want %q", what, got, c.labels)
		}
		if got := joinedMap(drops); got != c.drops {
			t.Errorf("%s: drops %q, want %q", what, got, c.drops)
		}
	}
}

func joinedMap(of map[string]string) string {
	var all []string
	for _, k := range slices.Sorted(maps.Keys(of)) {
		all = append(all, k+":"+of[k])
	}
	return strings.Join(all, " ")
}

func TestTableRefused(t *testing.T) {
	for text, want := range map[string]string{
		"a.png,x\nb.png,y\n":            `t.csv: line 1: a.png is one of the files, and no header; want a first line such as file_name,label`,
		"\"file,label\na.png,x\n":       "t.csv: the header cannot be read: line 1: a quote is opened",
		"file,label,Label\na.png,x,y\n": `label: there are 2 columns "label"; give each a name of its own`,
	} {
		dir := write(t, map[string][]byte{"a.png": pngOf(t, 1), "b.png": pngOf(t, 1), "t.csv": []byte(text)})
		if _, err := collect(&Folder{Path: dir}, data.Train); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	dir := write(t, map[string][]byte{"t.csv": []byte("text,label,label\nx,y,z\n")})
	if _, err := collect(&CSV{Path: filepath.Join(dir, "t.csv")}, data.Train); err == nil || !strings.Contains(err.Error(), `label: there are 2 columns "label"`) {
		t.Error(err)
	}
}

// A file is found by its absolute path and by an address of it, if it lies in the set.
func TestTableAbsolute(t *testing.T) {
	dir := write(t, map[string][]byte{"x/1.png": pngOf(t, 1), "x/2 é.png": pngOf(t, 1), "3.png": pngOf(t, 1)})
	place := filepath.ToSlash(dir)
	writeIn(t, dir, map[string][]byte{"l.csv": []byte("file,label\n" + place + "/x/1.png,a\nfile://" + place + "/x/2%20%C3%A9.png,b\n/elsewhere/3.png,c\n")})
	items, _, drops := take(t, &Folder{Path: dir})
	if items["x/1.png"].Label != "a" || items["x/2 é.png"].Label != "b" || items["3.png"].Label != "" || joinedMap(drops) != "l.csv/4:missing" {
		t.Error(items, drops)
	}
}

// TestHalfCharacters finds surrogates that stand alone in JSON, and no others.
func TestHalfCharacters(t *testing.T) {
	for text, want := range map[string]string{
		`{"text": "a \ud800 b"}`: `\ud800`, `{"text": "\uDC00\uD83D"}`: `\uDC00`, `{"text": "\ud83d\u0041"}`: `\ud83d`, `{"\uD83D": 1}`: `\uD83D`,
		`{"text": "\ud83d\ude00 \u00e9"}`: "", `{"text": "\\ud800"}`: "", `{"text": "\\\"\n"}`: "", `{"text": "\ud83d\\"}`: `\ud83d`,
	} {
		_, err := jsonRecord([]byte(text))
		if got := loneSurrogate([]byte(text)); got != want || (err != nil) != (want != "") {
			t.Errorf("%s: %q, %v; want %q", text, got, err, want)
		}
	}
}

// A folder with nothing but tables is read as tables; one whose tables describe works beside
// them is a folder of works.
func TestFoldersOfTables(t *testing.T) {
	csv, more, jsonl := []byte("text,label\na text,x\n"), []byte("text,label\nanother,y\n"), []byte(`{"text": "a text", "label": "x", "split": "train"}`+"\n")
	for _, c := range []struct {
		files   map[string][]byte
		use     string
		items   int
		divided bool
	}{
		{map[string][]byte{"set.csv": csv}, "csv", 1, false},
		{map[string][]byte{"a.csv": csv, "b.csv.gz": zipped(t, string(more)), "README.md": csv, "dataset.json": csv, ".hidden.png": csv}, "csv", 2, false},
		{map[string][]byte{"train.csv": csv, "test.csv": more}, "csv", 2, true},
		{map[string][]byte{"data/train-00000-of-00002.csv": csv, "data/train-00001-of-00002.csv": csv, "data/validation-00000-of-00001.csv": more}, "csv", 3, true},
		{map[string][]byte{"train.jsonl": jsonl, "test.jsonl": jsonl}, "jsonl", 1, true},
		{map[string][]byte{"x/part.ndjson": jsonl, "LICENSE": csv}, "jsonl", 1, false},
		{map[string][]byte{"data/train-00000-of-00001.parquet": parquetOf(t, 4), "data/test-00000-of-00001.parquet": parquetOf(t, 2)}, "parquet", 6, true},
		{map[string][]byte{"1.png": pngOf(t, 1), "metadata.csv": []byte("file_name,text\n1.png,a\n")}, "folder", 1, false},
		{map[string][]byte{"a.txt": csv, "metadata.jsonl": jsonl}, "folder", 1, false},
		{map[string][]byte{"a.csv": csv, "b.jsonl": jsonl}, "folder", 0, false},
		{map[string][]byte{"a.csv": csv, "b.mp4": csv}, "folder", 0, false},
		{map[string][]byte{"README.md": csv}, "folder", 0, false},
	} {
		dir := write(t, c.files)
		found, err := data.Resolve(dir)
		if err != nil || found.Use != c.use {
			t.Errorf("%v is taken for %s: %v", slices.Sorted(maps.Keys(c.files)), found.Use, err)
			continue
		}
		if c.items == 0 {
			continue
		}
		divided := found.Value.(data.Divided).Divided()
		n := 0
		for _, split := range []data.Split{data.Train, data.Test} {
			for _, err := range found.Value.Items(t.Context(), split) {
				if err == nil {
					n++
				} else if !isDrop(err) {
					t.Error(err)
				}
			}
		}
		if n != c.items || divided != c.divided {
			t.Errorf("%v: %d works, divided %t", slices.Sorted(maps.Keys(c.files)), n, divided)
		}
	}
}

// A list of classes is no class.
func TestSeveralClasses(t *testing.T) {
	dir := write(t, map[string][]byte{"a.jsonl": []byte(`{"text":"one","label":["x","y"]}` + "\n" + `{"text":"two","label":"x"}` + "\n")})
	s := &JSONL{Path: filepath.Join(dir, "a.jsonl")}
	var labels []string
	drops := 0
	for it, err := range s.Items(context.Background(), data.Train) {
		if err != nil {
			drops++
			if !strings.Contains(err.Error(), "several classes") {
				t.Error(err)
			}
			continue
		}
		labels = append(labels, it.Label)
	}
	if drops != 1 || fmt.Sprint(labels) != "[x]" {
		t.Errorf("%d drops, labels %q", drops, labels)
	}
}

// What is wrong with a line of JSON is told by its name.
func TestLinesOfOtherJSON(t *testing.T) {
	for line, want := range map[string]string{
		`{"text": "a", "label": NaN}`:            "line 1 is not a JSON object (JSON has no NaN and no Infinity: write null)",
		`{"text": "NaN", "share": -Infinity}`:    "JSON has no NaN and no Infinity",
		`{"text": "a", "label": 1, "label": 2}`:  `it has the key "label" more than once`,
		`{"a": {"b": 1, "b": 2}, "\u0061": "x"}`: `it has the key "a" more than once`,
		`{"text": NaN`:                           "invalid character 'N'",
	} {
		_, drops := rowsOfLines(t, line)
		if !strings.Contains(drops, want) {
			t.Errorf("%s: %q, want %s", line, drops, want)
		}
	}
	if rows, drops := rowsOfLines(t, `{"text": "NaN", "of": {"text": "b"}}`); rows != 1 || drops != "" {
		t.Errorf("%d rows, %q", rows, drops)
	}
}

// rowsOfLines counts the rows of JSON lines, and says why others are none.
func rowsOfLines(t *testing.T, text string) (rows int, drops string) {
	t.Helper()
	for _, err := range tableRows(t.Context(), "a.jsonl", strings.NewReader(text), nil) {
		if err != nil {
			drops += err.Error()
		} else {
			rows++
		}
	}
	return rows, drops
}
