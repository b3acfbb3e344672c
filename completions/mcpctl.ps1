# Completion of mcpctl: written by `mcpctl completion`, asks `mcpctl --complete`.
Register-ArgumentCompleter -Native -CommandName mcpctl -ScriptBlock {
    param($current, $line, $cursor)
    $typed = @($line.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursor } |
        ForEach-Object { if ($null -ne $_.Value) { $_.Value } else { $_.Extent.Text } })
    & mcpctl --complete powershell @typed "=$current" 2>$null | ForEach-Object {
        $value, $shown, $about = $_ -split "`t", 3
        [System.Management.Automation.CompletionResult]::new($value, $shown, 'ParameterValue', $about)
    }
}
