package page

import (
	_ "embed"
	"encoding/json"
	"sync"
)

//go:embed chinese.json
var chineseFile []byte

// chineseWords are the lines about the apps, and the names of apps and their inputs, in Chinese, and
// sentences of the program by their forms; reasons are those for which works are left out.
var chineseWords = sync.OnceValue(func() (words struct{ Apps, Names, Help, Verdicts, Reasons, Messages map[string]string }) {
	if err := json.Unmarshal(chineseFile, &words); err != nil {
		panic(err) // it is embedded
	}
	return words
})

// chineseApps are the lines about the apps in Chinese.
func chineseApps() map[string]string { return chineseWords().Apps }

// chineseNames are the names of apps and their inputs in Chinese.
func chineseNames() map[string]string { return chineseWords().Names }
