package page

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"atelier/internal/pattern"
)

// onlyTyped are what lines of help say about the command line alone, and what stands on a page
// instead.
var onlyTyped = strings.NewReplacer(
	", or - for the standard input", "", ", or - for standard input", "", "; - for standard input", "", ", - for standard input", "",
	": its name, number or path", "", ": their names, numbers or paths", "", ", by name or path", "",
	"; if empty, each line of the standard input is one, or on a terminal you are asked", "",
	"by the extension of the file, or ", "", "; if empty, by whether -o is a folder", "", "; several go to a folder", "", ", in a folder", "",
)

// helpOf is the line about an input as a page says it.
func helpOf(help string) string {
	help = plain("en", onlyTyped.Replace(help))
	if help == "the run" || help == "the runs" || help == "the picture's file" { // as its label does
		return ""
	}
	first, size := utf8.DecodeRuneInString(help)
	return string(unicode.ToUpper(first)) + help[size:]
}

// plain names inputs in a text by what forms call them, where it names them as a command line does,
// and leaves out a command in parentheses, which a page has a button for. A command that is to be typed
// stays as it is.
func plain(lang, text string) string {
	text = command().ReplaceAllString(text, "")
	return flag().ReplaceAllStringFunc(text, func(s string) string {
		if !strings.HasPrefix(s, "--") {
			return s
		}
		name, _, _ := strings.Cut(s[2:], " ")
		return "“" + inLanguage(lang, titleOf(strings.ReplaceAll(name, "-", "_"))) + "”"
	})
}

// command finds commands in parentheses.
var command = pattern.New(`\s*[(（]atelier [^)）]*[)）]`)

// flag finds inputs as a command line names them, with the word for a value after some; a form names
// them by their labels. It also finds commands, which have their flags for themselves.
var flag = pattern.New(`\batelier [a-z][^;,；，。]*|--[a-z][a-z-]+( [A-Z]{2,}(\.[a-z]+)?)?`)

// helpIn is a line of help in a language.
func helpIn(lang, help string) string {
	if s := chineseWords().Help[help]; lang == "zh" && s != "" {
		return s
	}
	return help
}
