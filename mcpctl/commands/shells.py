"""The completion scripts of four shells. Each only asks `mcpctl --complete` and shows the answer: none of them ages."""

from __future__ import annotations

from mcpctl.model.value import NamedTuple


class Shell(NamedTuple):
    file: str
    """What the script is called where the shell looks for it."""
    variable: str
    """The XDG variable that leads there, and its usual value below the home."""
    default: str
    folder: str
    script: str
    follow_up: str
    """What the user still has to do, if the shell does not find the file by itself."""


NOTICE = "# Completion of mcpctl: written by `mcpctl completion`, asks `mcpctl --complete`."
"""Tells a file of ours from one that somebody else put there."""

_BASH = f"""{NOTICE}
_mcpctl() {{
  local candidate
  COMPREPLY=()
  while IFS= read -r candidate; do
    COMPREPLY+=("$candidate")
  done < <(mcpctl --complete bash "${{COMP_LINE:0:COMP_POINT}}" "$COMP_WORDBREAKS" 2>/dev/null)
}}
complete -o nospace -F _mcpctl mcpctl
"""

_ZSH = f"""#compdef mcpctl
{NOTICE}
_mcpctl() {{
  local candidate
  local -a whole begun
  while IFS= read -r candidate; do
    case $candidate in
      "="*) begun+=("${{candidate#?}}") ;;
      ?*) whole+=("${{candidate#?}}") ;;
    esac
  done < <(mcpctl --complete zsh "${{(@Q)words[2,CURRENT-1]}}" "${{(Q)PREFIX}}" 2>/dev/null)
  _describe mcpctl whole -- begun -S ''
}}
if [[ ${{funcstack[1]}} == _mcpctl ]]; then
  _mcpctl "$@"
else
  compdef _mcpctl mcpctl
fi
"""

_FISH = f"""{NOTICE}
function __mcpctl_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    set -l plain (string unescape -- "$current" 2>/dev/null)
    or set plain "$current"
    mcpctl --complete fish $typed[2..-1] "$plain" 2>/dev/null
end
complete -c mcpctl -e
complete -c mcpctl -f -a '(__mcpctl_complete)'
"""

_POWERSHELL = f"""{NOTICE}
Register-ArgumentCompleter -Native -CommandName mcpctl -ScriptBlock {{
    param($current, $line, $cursor)
    $typed = @($line.CommandElements | Select-Object -Skip 1 |
        Where-Object {{ $_.Extent.EndOffset -lt $cursor }} |
        ForEach-Object {{ if ($null -ne $_.Value) {{ $_.Value }} else {{ $_.Extent.Text }} }})
    & mcpctl --complete powershell @typed "=$current" 2>$null | ForEach-Object {{
        $value, $shown, $about = $_ -split "`t", 3
        [System.Management.Automation.CompletionResult]::new($value, $shown, 'ParameterValue', $about)
    }}
}}
"""

SHELLS = {
    "bash": Shell(
        file="mcpctl",
        variable="XDG_DATA_HOME",
        default=".local/share",
        folder="bash-completion/completions",
        script=_BASH,
        follow_up="without the package bash-completion, add this line to ~/.bashrc: source {path}",
    ),
    "zsh": Shell(
        file="_mcpctl",
        variable="XDG_DATA_HOME",
        default=".local/share",
        folder="zsh/site-functions",
        script=_ZSH,
        follow_up="add this line to ~/.zshrc, before `compinit`: fpath=({folder} $fpath)",
    ),
    "fish": Shell(
        file="mcpctl.fish",
        variable="XDG_CONFIG_HOME",
        default=".config",
        folder="fish/completions",
        script=_FISH,
        follow_up="",
    ),
    "powershell": Shell(
        file="mcpctl.ps1",
        variable="XDG_DATA_HOME",
        default=".local/share",
        folder="mcpctl",
        script=_POWERSHELL,
        follow_up="add this line to the file that `$PROFILE` names: . {path}",
    ),
}
"""By the name that one types; the files of `completions/` are these scripts."""
