// Package web is the room where pages are answered: the shell around every page,
// sessions, language and theme, and the one place where a failure becomes a page.
//
// The screens themselves live in one package per area below this one. A handler
// parses, calls a verb, and answers; it decides nothing about permission.
package web
