# Completion of mcpctl: written by `mcpctl completion`, asks `mcpctl --complete`.
function __mcpctl_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    set -l plain (string unescape -- "$current" 2>/dev/null)
    or set plain "$current"
    mcpctl --complete fish $typed[2..-1] "$plain" 2>/dev/null
end
complete -c mcpctl -e
complete -c mcpctl -f -a '(__mcpctl_complete)'
