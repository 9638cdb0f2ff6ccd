/** Each asks the program itself and falls back to file names where it has no answer (`-f`). */
export const bashScript = `# meridian completion for bash: source <(meridian completion bash)
_meridian() {
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=($(meridian __complete -- "\${words[@]}" 2>/dev/null))
}
complete -o default -F _meridian meridian
`;

export const zshScript = `#compdef meridian
# meridian completion for zsh: source <(meridian completion zsh)
_meridian() {
  local -a candidates
  candidates=(\${(f)"$(meridian __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( \${#candidates} )); then compadd -a candidates; else _files; fi
}
compdef _meridian meridian
`;

export const fishScript = `# meridian completion for fish: meridian completion fish | source
function __meridian_complete
  set -l words (commandline -opc)[2..-1] (commandline -ct)
  meridian __complete -- $words 2>/dev/null
end
complete -c meridian -a '(__meridian_complete)'
`;
