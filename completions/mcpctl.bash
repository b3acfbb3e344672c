# Completion of mcpctl: written by `mcpctl completion`, asks `mcpctl --complete`.
_mcpctl() {
  local candidate
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("$candidate")
  done < <(mcpctl --complete bash "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null)
}
complete -o nospace -F _mcpctl mcpctl
