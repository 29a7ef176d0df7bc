package grammar

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"atelier/internal/badinput"
)

// byteTokens are one token a byte.
func byteTokens() (all []string) {
	for b := range 256 {
		all = append(all, string([]byte{byte(b)}))
	}
	return all
}

// vocabularies are ways in which texts are cut into tokens.
func vocabularies() map[string]*Vocabulary {
	characters := []string{"é", "名", "𝄞"}
	for b := ' '; b < 0x7f; b++ {
		characters = append(characters, string(b))
	}
	several := []string{"", `{"`, `": `, `":"`, `", "`, `","`, `"},{"`, `"}`, `]}`, `}]}`, "true", "fals", " null", "12", "-1", ".5e", "1e", `\"`, `\u0`, `\ud8`, `a\`,
		"name", `"name"`, `"name": "`, "hello world", `]`, "[[", "[]", "{}", `, "`, "\xe5\x90", "\x8d\xe5", "\xf0\x9d", "\xed", "é\"", "\n", "\t", " ", "  ", "<|end|>"}
	of := func(all []string) *Vocabulary {
		return NewVocabulary(func(i int32) string { return all[i] }, len(all))
	}
	return map[string]*Vocabulary{
		"bytes": of(byteTokens()), "characters": of(append(characters, "e\"", "\xe5\x90")), "several": of(append(several, byteTokens()...)),
	}
}

// schemas use each keyword.
var schemas = []string{
	`{"type":"object","properties":{"name":{"type":"string","maxLength":20},"age":{"type":"integer","minimum":0,"maximum":150},"ok":{"type":"boolean"}},"required":["name","age"],"additionalProperties":false}`,
	`{"type":"object","properties":{"a":{"type":"null"},"b":{"type":"number"},"c":{"enum":["x","xy","é",1,12,1.5,null,{"k":[1,2]},"\"<"]}}}`,
	`{"properties":{"名 \"q\"\n":{"const":"𝄞"}},"required":["名 \"q\"\n"]}`,
	`{"type":"array","items":{"type":"string","minLength":2,"maxLength":3},"minItems":2,"maxItems":4}`,
	`{"type":"array","items":{"type":"array","items":{"type":"number"},"maxItems":3},"maxItems":3}`,
	`{"type":["string","null"],"maxLength":5}`,
	`{"anyOf":[{"type":"object","properties":{"kind":{"const":"a"},"n":{"type":"integer"}},"required":["kind","n"]},{"type":"object","properties":{"kind":{"const":"ab"},"s":{"type":"string","maxLength":4}},"required":["kind"]}]}`,
	`{"$defs":{"tree":{"type":"object","properties":{"v":{"type":"integer","exclusiveMinimum":-5,"exclusiveMaximum":5},"sub":{"type":"array","items":{"$ref":"#/$defs/tree"},"maxItems":2}},"required":["v"]}},"$ref":"#/$defs/tree"}`,
	`{"anyOf":[{"type":"null"},{"type":"object","properties":{"next":{"$ref":"#"}},"required":["next"]}]}`,
	`{"type":"integer"}`, `{"type":"number"}`, `{"type":"boolean"}`, `{"type":"null"}`, `{"type":"string"}`, `{"enum":[1,12,123]}`, `{"const":{"a":[true,null]}}`,
	`{"type":"integer","minimum":-1200,"maximum":-7}`, `{"type":"integer","minimum":98,"maximum":1003}`, `{"type":"integer","minimum":1.5,"maximum":2.5}`,
	`{"type":"integer","enum":[1,"a",2.5,30]}`, `{"type":"object"}`, `{"type":"array","items":false}`, `{"type":"array","items":{"type":"null"},"maxItems":0}`,
	`{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://example.com/s","title":"t","description":"d","type":"object","properties":{"x":{"type":"integer","default":3,"examples":[1]}}}`,
	`{"type":"array","items":{"anyOf":[{"type":"string","maxLength":3},{"type":"string","maxLength":3},{"type":"integer"},{"type":"number"}]}}`,
	`{"type":"object","properties":{"a/b~c":{"$ref":"#/definitions/a~1b~0c"}},"definitions":{"a/b~c":{"type":"string","maxLength":1}},"required":["a/b~c"]}`,
	`{}`,
	`{"type":"object","properties":{"a":true,"b":{"type":"array","minItems":2},"c":{"description":"whatever"}},"required":["b"]}`,
}

func validator(t testing.TB, schema string) *jsonschema.Schema {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("s.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("s.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// write chooses tokens until the text is complete. Each step it also asks some tokens that are
// not allowed whether they are, byte by byte.
func write(t interface{ Fatalf(string, ...any) }, c *Constraint, rng *rand.Rand) string {
	var text strings.Builder
	for !c.Done() {
		var allowed []int32
		for i := range c.vocabulary.texts {
			if c.Allows(int32(i)) {
				allowed = append(allowed, int32(i))
			}
		}
		if len(allowed) == 0 {
			t.Fatalf("nothing may follow %q", text.String())
		}
		next := allowed[rng.IntN(len(allowed))]
		c.Accept(next)
		text.WriteString(c.vocabulary.texts[next])
	}
	return text.String()
}

// TestFits: whatever is chosen among the allowed tokens parses and fits the schema, within the
// limit, and there is always something to choose.
func TestFits(t *testing.T) {
	all := vocabularies()
	for i, schema := range schemas {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			valid := validator(t, schema)
			rapid.Check(t, func(t *rapid.T) {
				v := all[rapid.SampledFrom([]string{"bytes", "characters", "several"}).Draw(t, "vocabulary")]
				c, err := v.JSON([]byte(schema))
				if err != nil {
					if v == all["characters"] { // which lacks a line break, for instance
						t.Skip()
					}
					t.Fatal(err)
				}
				limit := c.root.shortest + rapid.IntRange(0, 300).Draw(t, "room")
				if err := c.Limit(limit); err != nil {
					t.Fatal(err)
				}
				text := write(t, c, rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)))
				if len(text) > limit || !utf8.ValidString(text) {
					t.Fatalf("%q: more than %d bytes, or no UTF-8", text, limit)
				}
				value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
				if err == nil {
					err = valid.Validate(value)
				}
				if err != nil {
					t.Fatalf("%q: %v", text, err)
				}
				var v2 any
				if err := json.Unmarshal([]byte(text), &v2); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

// accepts reports whether a text can be written, byte by byte.
func accepts(t *testing.T, schema, text string) bool {
	t.Helper()
	c, err := NewVocabulary(func(i int32) string { return string([]byte{byte(i)}) }, 256).JSON([]byte(schema))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range []byte(text) {
		if !c.Allows(int32(b)) {
			return false
		}
		c.Accept(int32(b))
	}
	return c.Complete()
}

// TestLanguage: which texts belong to a schema, and which do not.
func TestLanguage(t *testing.T) {
	for schema, texts := range map[string]map[string]bool{
		schemas[0]: {`{"name":"é\n\u00e9","age":7}`: true, `{"name": "a", "age": 150, "ok": true}`: true, `{"age":7,"name":"a"}`: false, `{"name":"a"}`: false,
			`{"name":"a","age":151}`: false, `{"name":"a","age":07}`: false, `{"name":"a","age":-1}`: false, `{"name":"a" ,"age":1}`: false, `{"name":  "a","age":1}`: false,
			`{"name":"\ud800","age":1}`: false, "{\"name\":\"\n\",\"age\":1}": false, "{\"name\":\"\xff\",\"age\":1}": false, "{\"name\":\"\xed\xa0\x80\",\"age\":1}": false, "{\"name\":\"\xc0\x80\",\"age\":1}": false},
		schemas[1]: {`{}`: true, `{"b":-0.5e+10}`: true, `{"b":1.}`: false, `{"b":01}`: false, `{"b":.5}`: false, `{"b":1e}`: false, `{"c":"xy"}`: true, `{"c":"xyz"}`: false,
			`{"c":1}`: true, `{"c":12}`: true, `{"c":1.5}`: true, `{"c":13}`: false, `{"c":{"k":[1,2]}}`: true, `{"c":"\"<"}`: true, `{"a":null,}`: false, `{,}`: false},
		schemas[3]:                              {`["ab","abc"]`: true, `["ab"]`: false, `["a","bc"]`: false, `["ab","abcd"]`: false, `["ab", "éé"]`: true, `["ab","ab","ab","ab","ab"]`: false},
		schemas[16]:                             {"-7": true, "-1200": true, "-6": false, "-1201": false, "-0": false, "7": false, "-07": false},
		`{"type":"integer"}`:                    {"0": true, "-0": false, "-1": true, "999999999999999": true, "1000000000000000": false, "1.0": false},
		`{"type":"array","items":{"const":1}}`:  {"[]": true, "[1, 1]": true, "[1,]": false, "[ 1]": false},
		`{"title":"anything"}`:                  {`"a"`: true, "-1.5": true, "null": true, `[1, "a", false]`: true, `{}`: false, `[[]]`: false},
		`{"type":"array"}`:                      {"[]": true, `["a",1]`: true, "1": false},
		`{"type":"string","enum":["a",1,"\n"]}`: {`"a"`: true, "1": false, `"\n"`: true},
	} {
		for text, want := range texts {
			if got := accepts(t, schema, text); got != want {
				t.Errorf("%s\n%q: %v, want %v", schema, text, got, want)
			}
		}
	}
}

// TestMaskIsWhatBytesSay: a token is allowed if and only if its bytes are, one after another.
func TestMaskIsWhatBytesSay(t *testing.T) {
	v := vocabularies()["several"]
	rng := rand.New(rand.NewPCG(1, 2))
	for _, schema := range schemas {
		c, err := v.JSON([]byte(schema))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Limit(c.root.shortest + 40); err != nil {
			t.Fatal(err)
		}
		for !c.Done() {
			var allowed []int32
			for i, text := range v.texts {
				if text == "" {
					continue
				}
				each := c.Clone()
				fits := true
				for _, b := range []byte(text) {
					next := int32(len(v.texts) - 256 + int(b))
					fits = fits && each.Allows(next)
					each.Accept(next)
				}
				if c.Allows(int32(i)) != fits {
					t.Fatalf("%s: %q is allowed: %v, its bytes: %v", schema, text, !fits, fits)
				}
				if fits {
					allowed = append(allowed, int32(i))
				}
			}
			c.Accept(allowed[rng.IntN(len(allowed))])
		}
	}
}

func TestRefused(t *testing.T) {
	deep := strings.Repeat(`{"items":`, 100000) + `{"type":"null"}`
	for schema, want := range map[string]string{
		"":                                   "ends too early",
		"{":                                  "cannot be read",
		"[]":                                 "want an object that describes a value",
		"{} x":                               "cannot be read",
		`{"type":"string","pattern":"a"}`:    `the keyword "pattern" isn't supported`,
		`{"type":"string","format":"email"}`: `at "#": the keyword "format" isn't supported`,
		`{"type":"object","properties":{"a":{"type":"number","minimum":1}}}`: `at "#/properties/a": minimum is supported for integers, not for numbers`,
		`{"type":"integer","multipleOf":2}`:                                  `"multipleOf"`,
		`{"allOf":[{"type":"null"}]}`:                                        `"allOf"`,
		`{"not":{"type":"null"}}`:                                            `"not"`,
		`{"type":"array","items":{"type":"null"},"uniqueItems":true}`:        "uniqueItems isn't supported",
		`{"type":"array","prefixItems":[{"type":"null"}]}`:                   `"prefixItems"`,
		`{"type":"object","additionalProperties":{"type":"null"}}`:           "additionalProperties is supported as false or true",
		`{"type":"object","patternProperties":{}}`:                           `"patternProperties"`,
		`{"type":"object","minProperties":1}`:                                `"minProperties"`,
		`{"type":"object","required":["a"]}`:                                 `"a" is required, but properties doesn't describe it`,
		`{"type":"object","required":"a"}`:                                   "want required to be a list of names",
		`{"type":"object","required":[1]}`:                                   "want required to be a list of names",
		`{"type":"object","properties":[]}`:                                  "want properties to be an object",
		`{"type":"object","properties":{"a":{"$id":"b","type":"null"}}}`:     `"$id"`,
		`{"type":"strnig"}`:                                                  "want type to be one or several of",
		`{"type":[]}`:                                                        "the list of types is empty",
		`{"type":"string","minLength":3,"maxLength":2}`:                      "minLength is 3, which is more than maxLength, 2",
		`{"type":"string","maxLength":-1}`:                                   "want maxLength to be a whole number",
		`{"type":"string","maxLength":"1"}`:                                  "want maxLength to be a whole number",
		`{"type":"string","maxLength":1e300}`:                                "want maxLength to be a whole number",
		`{"type":"string","minItems":1}`:                                     "minItems is about values of the type array, but the type is string",
		`{"type":"integer","minimum":5,"maximum":4}`:                         "no integer",
		`{"type":"integer","minimum":1e20}`:                                  "no integer",
		`{"type":"integer","minimum":"1"}`:                                   "want minimum to be a number",
		`{"minimum":1}`:                                                      "want a type",
		`{"enum":[]}`:                                                        "allows no value",
		`{"enum":1}`:                                                         "want enum to be a list",
		`{"enum":[1e999]}`:                                                   "too large",
		`{"type":"string","enum":[1]}`:                                       "allows no value",
		`{"enum":[1],"const":1}`:                                             "const beside enum isn't supported",
		`{"enum":["a"],"maxLength":1}`:                                       "maxLength beside enum isn't supported",
		`{"anyOf":[]}`:                                                       "want anyOf to be a list",
		`{"anyOf":[{"type":"null"}],"type":"null"}`:                          "type beside anyOf isn't supported",
		`{"$ref":"#"}`:                                                       "references follow one another without an end",
		`{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}`: "references follow one another without an end",
		`{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}`:               "without an end",
		`{"$ref":"#/nowhere"}`:            "leads nowhere",
		`{"$ref":"http://example.com/a"}`: "want one within the schema",
		`{"$ref":1}`:                      "want $ref to be a string",
		`{"type":"null","type":"null"}`:   `has the key "type" twice`,
		`{"type":"array","items":{"type":"array","items":{"type":"string","minLength":1e6},"minItems":1e6},"minItems":1e6}`: "more than 65536",
		deep:                                          "nested more than 64 deep",
		strings.Repeat("[", 100000):                   "nested more than 64 deep",
		`"` + strings.Repeat("a", 10<<20):             "bytes; want at most",
		`{"` + strings.Repeat("\n", 900):              "cannot be read",
		`{"a\nb` + strings.Repeat("x", 1000) + `":1}`: "isn't supported",
	} {
		c, err := JSON([]byte(schema), func(i int32) string { return string([]byte{byte(i)}) }, 256)
		if c != nil && err == nil || !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") || len(err.Error()) > 400 {
			t.Errorf("%.80s: %.400v, want %q", schema, err, want)
		}
	}
	for tokens, c := range map[string]struct{ schema, want string }{
		`0}`:         {`{"type":"object"}`, `','`},
		`012345689`:  {`{"type":"number"}`, `'7'`},
		`0123456789`: {`{"type":"integer","maximum":-1}`, `'-'`},
		`"e`:         {`{"const":"é"}`, `'é'`},
		"\"":         {`{"type":"string","minLength":1}`, "one byte"},
		`{},:"nam1`:  {`{"properties":{"name":{"const":1}}}`, `'e'`},
	} {
		_, err := JSON([]byte(c.schema), func(i int32) string { return tokens[i : i+1] }, len(tokens))
		if !errors.Is(err, badinput.Err) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %s: %v, want %s", c.schema, tokens, err, c.want)
		}
	}
}

// hostile schemas have many ways to read the same text, or many parts.
func hostile() map[string]string {
	same := func(n int, s string) string { return `{"anyOf":[` + strings.Repeat(s+",", n-1) + s + `]}` }
	nested := `{"type":"string"}`
	for range 20 {
		nested = same(2, `{"type":"object","properties":{"x":`+nested+`},"required":["x"]}`)
		if len(nested) > 400000 {
			break
		}
	}
	var many, members bytes.Buffer
	for i := range 20000 {
		fmt.Fprintf(&many, `"property %d":{"type":"null"},`, i)
		fmt.Fprintf(&members, `"value %d",`, i)
	}
	var refs bytes.Buffer
	for i := range 2000 {
		fmt.Fprintf(&refs, `"p%d":{"$ref":"#"},`, i)
	}
	return map[string]string{
		"ambiguous items": `{"type":"array","items":` + same(50, `{"type":"array","items":{"type":"integer"}}`) + `}`,
		"ambiguous depth": nested,
		"many properties": `{"type":"object","properties":{` + strings.TrimSuffix(many.String(), ",") + `}}`,
		"many values":     `{"enum":[` + strings.TrimSuffix(members.String(), ",") + `]}`,
		"many references": `{"type":"object","properties":{` + strings.TrimSuffix(refs.String(), ",") + `}}`,
		"long value":      `{"const":"` + strings.Repeat("a", 60000) + `"}`,
	}
}

// TestHostile: schemas made to take long are refused, or the text ends.
func TestHostile(t *testing.T) {
	v := vocabularies()["several"]
	for name, schema := range hostile() {
		c, err := v.JSON([]byte(schema))
		if err == nil && name != "long value" {
			err = c.Limit(c.root.shortest + 200)
		}
		if err != nil {
			if !errors.Is(err, badinput.Err) {
				t.Errorf("%s: %.200v", name, err)
			}
			continue
		}
		text := ""
		if name == "long value" {
			c.Accept(int32(len(v.texts) - 256 + '"'))
			continue
		}
		if text = write(t, c, rand.New(rand.NewPCG(3, 4))); !json.Valid([]byte(text)) {
			t.Errorf("%s: %q", name, text)
		}
	}
}

// TestTokenWithoutText: it ends a text that is complete, such as a number that could go on.
func TestTokenWithoutText(t *testing.T) {
	v := vocabularies()["several"]
	c, err := v.JSON([]byte(`{"type":"integer"}`))
	if err != nil {
		t.Fatal(err)
	}
	const none = 0 // of several
	if c.Allows(none) {
		t.Error("the empty text is complete")
	}
	c.Accept(int32(len(v.texts) - 256 + '7'))
	if !c.Complete() || c.Done() || !c.Allows(none) {
		t.Error("7 is not complete, or cannot go on")
	}
	again := c.Clone()
	c.Accept(none)
	if !c.Done() || c.Allows(none) || c.Allows(int32(len(v.texts)-256+'7')) {
		t.Error("something follows the end")
	}
	if again.Done() || !again.Allows(int32(len(v.texts)-256+'7')) {
		t.Error("a copy ended with what it was made of")
	}
	if c.Allows(-1) || c.Allows(int32(len(v.texts))) {
		t.Error("a token that does not exist")
	}
}

func FuzzSchema(f *testing.F) {
	for _, s := range schemas {
		f.Add([]byte(s))
	}
	v := vocabularies()["bytes"]
	f.Fuzz(func(t *testing.T, schema []byte) {
		c, err := v.JSON(schema)
		if err != nil {
			return
		}
		if c.Limit(min(mostBytes, c.root.shortest+20)) != nil || c.root.shortest > 1000 {
			return
		}
		if text := write(t, c, rand.New(rand.NewPCG(5, 6))); !json.Valid([]byte(text)) {
			t.Errorf("%s: %q", schema, text)
		}
	})
}

// largeVocabulary resembles that of a large model: 150,000 tokens of letters, some with
// punctuation, and all bytes.
func largeVocabulary() *Vocabulary {
	rng := rand.New(rand.NewPCG(7, 8))
	all := byteTokens()
	for len(all) < 150000 {
		n := 1 + rng.IntN(10)
		var b strings.Builder
		if rng.IntN(2) == 0 {
			b.WriteByte(' ')
		}
		for range n {
			b.WriteByte("etaoinshrdluETAOIN0123456789_-.{}[]:,\\/"[rng.IntN(40)%39])
		}
		if rng.IntN(30) == 0 {
			b.WriteString([]string{`"`, `":`, `",`, `"}`}[rng.IntN(4)])
		}
		all = append(all, b.String())
	}
	return NewVocabulary(func(i int32) string { return all[i] }, len(all))
}

func BenchmarkMask150k(b *testing.B) {
	v := largeVocabulary()
	for name, c := range map[string]struct{ schema, text string }{
		"start":         {schemas[0], ``},
		"string":        {schemas[0], `{"name":"a`},
		"open string":   {`{"type":"string"}`, `"a`},
		"escape":        {`{"type":"string"}`, `"a\`},
		"short string":  {`{"type":"string","maxLength":5}`, `"a`},
		"number":        {schemas[1], `{"b":1`},
		"key":           {schemas[0], `{`},
		"two at a time": {`{"anyOf":[{"type":"string"},{"type":"string","maxLength":300}]}`, `"a`},
	} {
		at, err := v.JSON([]byte(c.schema))
		if err != nil {
			b.Fatal(err)
		}
		for _, t := range []byte(c.text) {
			at.Accept(int32(t))
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				at.allowed = at.allowed[:0]
				at.mask()
			}
		})
	}
}

// A limit in tokens refuses what cannot fit, and nothing else.
func TestLimitTokens(t *testing.T) {
	texts := []string{"", "\"abcdefgh\"", "\"", "a", "b", "c", "d", "e", "f", "g", "h"}
	c, err := JSON([]byte(`{"const": "abcdefgh"}`), func(i int32) string { return texts[i] }, len(texts))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.LimitTokens(0); err == nil || !strings.Contains(err.Error(), "has 10 bytes and takes 1 or more tokens; there is room for 0") {
		t.Error(err)
	}
	if err := c.LimitTokens(1); err != nil || !c.Allows(1) {
		t.Errorf("a text of one token of ten bytes: %v", err)
	}
}
