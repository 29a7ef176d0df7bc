package badinput

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestJSON(t *testing.T) {
	type inner struct{ B *float64 }
	for text, want := range map[string]string{
		`{"n":-1.5}`:                    `the key "n" is the number -1.5; want a whole number`,
		`{"n":1e3}`:                     `the key "n" is the number 1e3; want a whole number`,
		`{"n":""}`:                      `the key "n" is a string; want a whole number`,
		`{"u":-4}`:                      `the key "u" is the number -4; want a whole number from 0 to 65535`,
		`{"u":65536}`:                   `the key "u" is the number 65536; want a whole number from 0 to 65535`,
		`{"seed":18446744073709551616}`: `the key "seed" is the number 18446744073709551616; want a whole number from 0 to 18446744073709551615`,
		`{"n":9223372036854775808}`:     `the key "n" is the number 9223372036854775808; want a whole number from -9223372036854775808 to 9223372036854775807`,
		`{"in":{"B":"x"}}`:              `the key "in.B" is a string; want a number`,
		`{"in":[]}`:                     `the key "in" is a list; want an object`,
		`{"names":{"a":true}}`:          `the key "names" is true or false; want a string`,
		`[]`:                            `it is a list; want an object`,
		`{`:                             `it is not JSON from byte 1 on: unexpected end of JSON input`,
	} {
		var v struct {
			N     int               `json:"n"`
			U     uint16            `json:"u"`
			Seed  uint64            `json:"seed"`
			In    *inner            `json:"in"`
			Names map[string]string `json:"names"`
		}
		if err := JSON(json.Unmarshal([]byte(text), &v)); err == nil || err.Error() != want {
			t.Errorf("%s: %v; want %s", text, err, want)
		}
	}
	for _, text := range []string{"", "{", `{"n": `} {
		var v any
		if err := JSON(json.NewDecoder(strings.NewReader(text)).Decode(&v)); err == nil || err.Error() != "it is not JSON: it is cut short" {
			t.Errorf("%s: %v", text, err)
		}
	}
}
